/* Terms put elsewhere by dragging or by Alt and an arrow key; without this script their arrows and the menu do. */
this.ckan.module("civicswitchboard-term-order", function ($) {
  return {
    initialize: function () {
      this.form = this.el[0];
      this.list = document.querySelector(".csw-term-list");
      if (!this.list) return;
      this.list.addEventListener("keydown", this.onKey.bind(this));
      for (const kind of ["dragstart", "dragover", "dragend", "drop"]) {
        this.list.addEventListener(kind, this[kind].bind(this));
      }
    },

    ask: function (values) {
      for (const old of this.form.querySelectorAll("[data-asked]")) old.remove();
      for (const [name, value] of Object.entries(values)) {
        const input = document.createElement("input");
        input.type = "hidden";
        input.name = name;
        input.dataset.asked = "";
        input.value = value;
        this.form.append(input);
      }
      this.form.requestSubmit();
    },

    onKey: function (event) {
      const name = event.target.closest(".csw-term-name");
      if (!name || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
      event.preventDefault();
      const term = name.closest(".csw-term");
      this.ask({ [event.key === "ArrowUp" ? "up" : "down"]: term.dataset.term });
    },

    dragstart: function (event) {
      const term = event.target.closest && event.target.closest(".csw-term[draggable]");
      // Text in an opened term is selected, not dragged.
      if (!term || event.target.closest(".csw-term-panel")) return;
      this.moving = term;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", term.dataset.term);
      term.classList.add("csw-dragged");
    },

    /* The term behind which the pointer is: none for the place before the first. */
    place: function (event) {
      const over = event.target.closest(".csw-term");
      if (!over || !this.moving || over === this.moving) return null;
      const box = over.getBoundingClientRect();
      const before = event.clientY < box.top + box.height / 2;
      return { over: over, after: before ? over.previousElementSibling : over };
    },

    dragover: function (event) {
      const place = this.place(event);
      this.unmark();
      if (!place) return;
      event.preventDefault();
      (place.after || place.over).classList.add(place.after ? "csw-drop" : "csw-drop-first");
    },

    drop: function (event) {
      const place = this.place(event);
      if (!place) return;
      event.preventDefault();
      if (place.after === this.moving) return;
      // On a later page of a long list the first place follows the last of the page before.
      const after = place.after ? place.after.dataset.term : this.form.dataset.before;
      this.ask({ place: this.moving.dataset.term, after: after });
    },

    dragend: function () {
      this.unmark();
      if (this.moving) this.moving.classList.remove("csw-dragged");
      this.moving = null;
    },

    unmark: function () {
      for (const each of this.list.querySelectorAll(".csw-drop, .csw-drop-first")) {
        each.classList.remove("csw-drop", "csw-drop-first");
      }
    },
  };
});
