/* On an organization's form: shows the fields of the chosen partner types at once. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const form = document.querySelector("form[data-partner-types]");
  if (!form) return;

  const strictness = ["required", "recommended", "optional"];
  const type = form.querySelector("[name=partner_type]:not([type=hidden])");
  const status = document.createElement("p");
  status.className = "csw-note";
  status.setAttribute("role", "status");
  if (type) type.closest(".form-group").append(status);

  const chosen = () => [
    ...(type && type.value ? [{ name: type.value, label: type.selectedOptions[0].text }] : []),
    ...[...form.querySelectorAll("[name=also_acts_as]:checked")].map((box) => ({
      name: box.value,
      label: box.labels[0].textContent.trim(),
    })),
  ];

  const show = () => {
    const types = chosen();
    form.querySelectorAll("[data-asked-by]").forEach((part) => {
      const asked = JSON.parse(part.dataset.askedBy);
      const found = types.map((each) => asked[each.name]).filter(Boolean);
      part.hidden = part.disabled = !found.length;
      const strictest = strictness.find((each) => found.includes(each));
      part.classList.toggle("csw-asked-required", strictest === "required");
    });
    const labels = types.map((each) => each.label).join(", ");
    status.textContent = labels ? form.dataset.shown.replace("{types}", labels) : form.dataset.none;
  };

  form.addEventListener("change", (event) => {
    if (["partner_type", "also_acts_as"].includes(event.target.name)) show();
  });
});
