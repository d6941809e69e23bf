/* Adds and removes the entries of a repeating field. */
ckan.module("civicswitchboard-entries", function () {
  "use strict";
  return {
    options: { removed: "" },

    initialize: function () {
      this.list = this.el[0].querySelector("[data-list]");
      this.status = this.el[0].querySelector("[data-status]");
      this.add = this.el[0].querySelector("[data-add]");
      this.template = this.el[0].querySelector("template");
      this.add.hidden = false;
      this.add.addEventListener("click", () => this.append());
      this.list.querySelectorAll("[data-entry]").forEach((entry) => this.prepare(entry));
    },

    prepare: function (entry) {
      const button = entry.querySelector("[data-remove]");
      button.hidden = false;
      button.addEventListener("click", () => this.remove(entry));
    },

    /* A number that no other entry has or had, so that none takes another's place. */
    append: function () {
      const used = [...this.list.querySelectorAll("[data-entry]")].map((e) => Number(e.dataset.entry));
      const index = Math.max(-1, this.last ?? -1, ...used) + 1;
      this.last = index;
      const holder = document.createElement("template");
      holder.innerHTML = this.template.innerHTML
        .replaceAll("INDEX", index)
        .replaceAll("NUMBER", this.list.children.length + 1);
      const entry = holder.content.firstElementChild;
      this.list.append(entry);
      this.prepare(entry);
      entry.querySelectorAll("[data-module]").forEach((part) => ckan.module.initializeElement(part));
      this.status.textContent = "";
      entry.querySelector("input:not([type=hidden]), textarea, select").focus();
    },

    remove: function (entry) {
      const name = entry.querySelector("legend").textContent.trim();
      entry.remove();
      this.status.textContent = this.options.removed.replace("{entry}", name);
      this.add.focus();
    },
  };
});
