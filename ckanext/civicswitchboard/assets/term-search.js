/*
 * Finds terms as one types: an editable combobox with a list box, as the ARIA Authoring Practices have it.
 * A text that is typed and not chosen goes along with the form: the server looks for a term of that label.
 */
ckan.module("civicswitchboard-term-search", function () {
  "use strict";
  const DELAY = 200;
  const LIMIT = 20;

  function make(tag, attributes, ...children) {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  }

  return {
    initialize: function () {
      const box = this.el[0];
      this.words = box.dataset;
      this.several = "several" in box.dataset;
      this.chosen = box.querySelector("[data-chosen]");
      this.status = box.querySelector("[data-status]");
      this.input = box.querySelector("[data-input]");
      box.querySelector("[data-without-script]")?.remove();
      this.results = [];
      this.active = -1;
      this.list = make("ul", {
        role: "listbox", id: `${this.input.id}-list`, "aria-labelledby": this.input.id + "-legend", class: "csw-term-options",
      });
      this.list.hidden = true;
      this.input.after(this.list);
      Object.entries({
        role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
      }).forEach(([name, value]) => this.input.setAttribute(name, value));
      const shown = [...this.chosen.children].map((item) => [item.dataset.value, item.querySelector("[data-label]").textContent]);
      this.chosen.replaceChildren();
      this.input.value = "";
      if (!this.several) {
        this.nothing = make("input", { type: "hidden", name: this.words.name, value: "" });
        box.prepend(this.nothing);
      }
      shown.forEach(([value, label]) => this.show(value, label));
      this.settle();
      this.input.addEventListener("input", () => this.typed());
      this.input.addEventListener("keydown", (event) => this.pressed(event));
      this.input.addEventListener("blur", () => this.left());
      this.input.addEventListener("click", () => this.list.hidden && this.ask());
      // The input keeps the focus while an option is clicked.
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.choose([...this.list.children].indexOf(option));
      });
    },

    say: function (text) {
      this.status.textContent = text;
    },

    values: function () {
      return [...this.chosen.children].map((item) => item.dataset.value);
    },

    /* A chosen value, with the button that takes it away. */
    show: function (value, label) {
      const remove = make("button", { type: "button", class: "btn btn-sm", "aria-label": this.words.remove.replace("{term}", label) });
      remove.append(make("i", { class: "fa fa-times", "aria-hidden": "true" }));
      const item = make("li", { "data-value": value }, make("span", {}, label),
        make("input", { type: "hidden", name: this.words.name, value: value }), remove);
      remove.addEventListener("click", () => {
        item.remove();
        this.changed(this.words.removed.replace("{term}", label));
        this.input.focus();
      });
      if (!this.several) this.chosen.replaceChildren();
      this.chosen.append(item);
    },

    changed: function (message) {
      this.settle();
      this.say(message);
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
    },

    /* Of a field that takes one value exactly one input is sent. */
    settle: function () {
      const pending = this.input.value.trim() !== "";
      this.input.name = this.several || pending ? this.words.name : "";
      if (this.several) return;
      const held = this.chosen.querySelector("input");
      if (held) held.disabled = pending;
      this.nothing.disabled = pending || Boolean(held);
    },

    typed: function () {
      this.settle();
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.ask(), DELAY);
    },

    ask: async function () {
      clearTimeout(this.waiting);
      this.asking?.abort();
      const asking = (this.asking = new AbortController());
      const address = `${this.words.source}&limit=${LIMIT}&q=${encodeURIComponent(this.input.value.trim())}`;
      try {
        const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(answer.status);
        this.found((await answer.json()).result);
      } catch (error) {
        if (error.name === "AbortError") return;
        this.close();
        this.say(this.words.failed);
      }
    },

    found: function (result) {
      // What comes after the input was left would cover what is below.
      if (document.activeElement !== this.input) return;
      const held = this.values();
      this.results = result.results;
      this.list.replaceChildren(...this.results.map((term, place) => {
        const option = make("li", { role: "option", id: `${this.list.id}-${place}`, "aria-selected": String(held.includes(term.value)) },
          make("span", {}, term.label));
        if (term.definition) option.append(make("small", {}, term.definition));
        return option;
      }));
      this.list.hidden = this.results.length === 0;
      this.input.setAttribute("aria-expanded", String(!this.list.hidden));
      this.activate(-1);
      const shown = this.results.length;
      const words = { 0: this.words.none, 1: this.words.one }[result.count] ?? (result.count > shown ? this.words.more : this.words.many);
      this.say(words.replace("{count}", result.count.toLocaleString()).replace("{shown}", shown));
    },

    activate: function (place) {
      this.list.children[this.active]?.classList.remove("csw-active");
      this.active = place;
      const option = this.list.children[place];
      if (!option) return this.input.removeAttribute("aria-activedescendant");
      option.classList.add("csw-active");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    },

    close: function () {
      clearTimeout(this.waiting);
      this.asking?.abort();
      this.list.hidden = true;
      this.input.setAttribute("aria-expanded", "false");
      this.activate(-1);
    },

    pressed: function (event) {
      const open = !this.list.hidden;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        if (!open) return this.ask();
        const last = this.list.children.length;
        // One more place than options: between the last and the first nothing is active.
        this.activate(((this.active + 1 + step + last + 1) % (last + 1)) - 1);
      } else if (event.key === "Enter" && (open || this.input.value.trim())) {
        // A form is sent by its button: what is typed here would go unseen.
        event.preventDefault();
        if (open && this.active >= 0) this.choose(this.active);
        else if (open && this.results.length === 1) this.choose(0);
      } else if (event.key === "Escape" && (open || this.input.value)) {
        event.preventDefault();
        if (!open) this.clear();
        this.close();
      }
    },

    clear: function () {
      this.input.value = "";
      this.settle();
      this.say("");
    },

    left: function () {
      this.close();
      const text = this.input.value.trim();
      if (text) this.say(this.words.pending.replace("{text}", text));
    },

    choose: function (place) {
      const term = this.results[place];
      this.close();
      this.clear();
      if (!this.values().includes(term.value)) this.show(term.value, term.label);
      this.changed(this.words.added.replace("{term}", term.label));
    },
  };
});
