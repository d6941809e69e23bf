/* Before a form leaves its page it is asked whether it can be sent: what was typed would be gone with a
   page that only says no. Without this script it is sent as it is. */
(function () {
  "use strict";

  /* Forms that are asked about, and those that may go. */
  const asking = new WeakSet();
  const free = new WeakSet();

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const notice = form.querySelector(".csw-asked-first");
    if (!notice || event.defaultPrevented || free.delete(form)) { return; }
    event.preventDefault();
    if (asking.has(form)) { return; }
    asking.add(form);
    const trouble = await ask(notice.dataset.ask);
    asking.delete(form);
    tell(notice, trouble);
    if (trouble) { return; }
    free.add(form);
    form.requestSubmit(event.submitter);
  });

  /* What keeps a form from being sent, empty when nothing does. */
  async function ask(address) {
    try {
      const response = await fetch(address, { credentials: "same-origin", cache: "no-store" });
      if (response.status === 401) { return "logged-out"; }
      if (!response.ok) { return "unreachable"; }
      renew(new DOMParser().parseFromString(await response.text(), "text/html").querySelector("input"));
      return "";
    } catch (error) {
      return "unreachable";
    }
  }

  /* After logging in anew the session has another token. */
  function renew(fresh) {
    if (!fresh) { return; }
    document.querySelectorAll(`input[name="${CSS.escape(fresh.name)}"]`).forEach((input) => { input.value = fresh.value; });
  }

  function tell(notice, trouble) {
    notice.querySelectorAll("[data-trouble]").forEach((each) => { each.hidden = each.dataset.trouble !== trouble; });
    notice.hidden = !trouble;
    if (trouble) { notice.focus(); }
  }
})();
