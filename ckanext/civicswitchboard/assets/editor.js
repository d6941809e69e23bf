/* The draft's pages: edits are saved by themselves and kept until they are; fields are moved by
   keyboard and by dragging. Without this script every form has a button of its own. */
(function () {
  "use strict";

  const draft = document.querySelector("article.csw-draft");
  if (!draft || !window.htmx) { return; }

  const WAIT = 4000;
  const wide = window.matchMedia("(min-width: 992px)");
  const byId = (id) => document.getElementById(id);

  /* What was typed and is not saved yet, in this browser until it is. */
  const keep = {
    /* Several forms of a page may go to one address. */
    key: (form) => `csw-draft:${form.getAttribute("action")}#${form.id}`,
    put(form) {
      const typed = {};
      form.querySelectorAll("input, textarea, select").forEach((input) => {
        if (input.name && input.type !== "hidden" && changed(input)) {
          typed[input.id] = input.type === "checkbox" || input.type === "radio" ? input.checked : input.value;
        }
      });
      const revision = form.elements.revision.value;
      try {
        if (Object.keys(typed).length) { localStorage.setItem(keep.key(form), JSON.stringify({ typed, revision })); }
        else { localStorage.removeItem(keep.key(form)); }
      } catch (error) { /* A browser without a store keeps what stands on the page. */ }
    },
    drop(form) {
      try { localStorage.removeItem(keep.key(form)); } catch (error) { /* as above */ }
    },
    take(form) {
      try { return JSON.parse(localStorage.getItem(keep.key(form))); } catch (error) { return null; }
    },
  };

  function changed(input) {
    if (input.type === "checkbox" || input.type === "radio") { return input.checked !== input.defaultChecked; }
    if (input.tagName === "SELECT") {
      return Array.from(input.options).some((option) => option.selected !== option.defaultSelected);
    }
    return input.value !== input.defaultValue;
  }

  /* What stands in the form now is what the draft holds. */
  function settle(form, sent) {
    form.querySelectorAll("input, textarea").forEach((input) => {
      if (!input.name || input.type === "hidden") { return; }
      if (input.type === "checkbox" || input.type === "radio") {
        input.defaultChecked = sent.getAll(input.name).includes(input.value);
      } else if (sent.has(input.name)) {
        input.defaultValue = sent.get(input.name);
        /* A narrow cell tells the whole of a long value. */
        if (input.hasAttribute("title")) { input.title = sent.get(input.name); }
      }
    });
    form.querySelectorAll("option").forEach((option) => {
      option.defaultSelected = sent.getAll(option.closest("select").name).includes(option.value);
    });
    keep.put(form);
  }

  function restore(form) {
    const kept = keep.take(form);
    if (!kept) { return; }
    Object.entries(kept.typed).forEach(([id, value]) => {
      const input = byId(id);
      if (!input || !form.contains(input)) { return; }
      if (typeof value === "boolean") { input.checked = value; } else { input.value = value; }
      const folded = input.closest("details");
      if (folded) { folded.open = true; }
    });
    form.elements.revision.value = kept.revision;
    if (byItself(form)) {
      say(draft.dataset.sayKept);
      htmx.trigger(form, "csw-retry");
    } else { say(draft.dataset.sayBack); }
  }

  /* Whether a form is saved whenever an input is left; the others have a button. */
  function byItself(form) { return (form.getAttribute("hx-trigger") || "").includes("csw-retry"); }

  function say(words) {
    const place = byId("csw-draft-saved");
    if (place) { place.textContent = words; }
  }

  /* The newest state that the page stands for, in every form. */
  function follow() {
    const revision = byId("csw-draft-header").dataset.revision;
    document.querySelectorAll("input[name=revision]").forEach((input) => { input.value = revision; });
  }

  /* A save that did not come through is tried again until it does. */
  const waiting = new Set();
  let timer = null;

  function again(form) {
    waiting.add(form);
    say(draft.dataset.sayWaiting);
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  }

  async function ask() {
    clearTimeout(timer);
    if (!waiting.size) { return; }
    let response = null;
    try {
      response = await fetch(draft.dataset.statusUrl, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    } catch (error) { /* Still no connection. */ }
    byId("csw-draft-login").hidden = !(response && response.status === 401);
    if (!response || !response.ok) {
      timer = setTimeout(ask, WAIT);
      return;
    }
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = answer.querySelector("form input[type=hidden]");
    if (fresh) { renew(fresh.name, fresh.value); }
    const forms = Array.from(waiting);
    waiting.clear();
    forms.forEach((form) => { if (document.contains(form)) { send(form); } });
  }

  function send(form) {
    if (byItself(form)) { htmx.trigger(form, "csw-retry"); } else { form.requestSubmit(); }
  }

  /* After logging in anew the session has another token. */
  function renew(name, value) {
    document.querySelectorAll(`input[name="${CSS.escape(name)}"]`).forEach((input) => { input.value = value; });
    const meta = document.querySelector(`meta[name="${CSS.escape(name)}"]`);
    if (meta) { meta.content = value; }
    window.csrf_token = value;
  }

  /* Where the keyboard was, for the page that comes in place of this one. */
  const focus = {
    put() {
      try { sessionStorage.setItem("csw-focus", (document.activeElement && document.activeElement.id) || ""); }
      catch (error) { /* A browser without a store begins at the top of the page. */ }
    },
    take() {
      let id = null;
      try {
        id = sessionStorage.getItem("csw-focus");
        sessionStorage.removeItem("csw-focus");
      } catch (error) { /* as above */ }
      const found = id === null ? [] : [byId(id), byId("csw-field-title")];
      found.filter((each) => each && draft.contains(each)).some((each) => {
        each.focus();
        return document.activeElement === each;
      });
    },
  };

  const ours = (event) => {
    const form = event.detail.elt && event.detail.elt.closest("form");
    return form && draft.contains(form) ? form : null;
  };
  const sent = new WeakMap();

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const form = ours(event);
    if (!form) { return; }
    sent.set(form, new FormData(form));
    if (form.hasAttribute("data-keep")) { say(draft.dataset.saySaving); }
  });
  document.body.addEventListener("htmx:sendError", (event) => { const form = ours(event); if (form) { again(form); } });
  document.body.addEventListener("htmx:timeout", (event) => { const form = ours(event); if (form) { again(form); } });
  /* CKAN's own notice of a failed request would name a status that tells nobody anything. */
  document.body.addEventListener("htmx:responseError", (event) => {
    const form = ours(event);
    const status = event.detail.xhr.status;
    if (!form || ![400, 401, 403, 429, 500, 502, 503, 504].includes(status)) { return; }
    event.stopImmediatePropagation();
    again(form);
    if (status === 401 || status === 403 || status === 400) { ask(); }
  }, true);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = ours(event);
    if (form && event.detail.xhr.getResponseHeader("HX-Redirect")) { focus.put(); }
    if (!form || !form.hasAttribute("data-keep")) { return; }
    /* HTMX leaves at once for another page, and does not call that a success. */
    if (event.detail.xhr.status === 200 && event.detail.xhr.getResponseHeader("HX-Redirect")) { keep.drop(form); }
    /* The draft of this page is gone. */
    if (event.detail.xhr.status === 404) { keep.drop(form); }
    if (!event.detail.successful) { return; }
    if (event.detail.xhr.getResponseHeader("HX-Retarget")) { return; }
    byId("csw-draft-refused").textContent = "";
    settle(form, sent.get(form) || new FormData(form));
    follow();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (!event.detail.target || !event.detail.target.classList.contains("csw-draft-list")) { return; }
    byId("csw-draft-refused").textContent = "";
    follow();
  });
  document.body.addEventListener("csw-refused", () => { byId("csw-draft-refused").focus(); });
  window.addEventListener("online", ask);
  window.addEventListener("focus", ask);

  /* HTMX does not send the name of a button that stands outside its form. */
  draft.addEventListener("click", (event) => {
    const button = event.target.closest("button[form][name]");
    if (!button || !button.form || !button.form.hasAttribute("hx-post")) { return; }
    event.preventDefault();
    const asked = document.createElement("input");
    Object.assign(asked, { type: "hidden", name: button.name, value: button.value });
    button.form.append(asked);
    button.form.requestSubmit();
    asked.remove();
  });

  draft.addEventListener("submit", (event) => { if (!event.defaultPrevented) { focus.put(); } });

  draft.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-keep]");
    if (form) { keep.put(form); }
  });

  /* A field opens beside the list where there is room for both. */
  draft.addEventListener("click", (event) => {
    const link = event.target.closest("a.csw-draft-open");
    if (!link || !wide.matches || event.metaKey || event.ctrlKey || event.shiftKey || event.button) { return; }
    event.preventDefault();
    open(link.href);
  });

  async function open(address) {
    await saved();
    if (waiting.size) { window.location = address; return; }
    try {
      await htmx.ajax("GET", address, { target: "#csw-draft-panel", swap: "innerHTML" });
    } catch (error) {
      window.location = address;
      return;
    }
    history.pushState({}, "", address);
    document.querySelector(".csw-draft-columns").classList.add("csw-draft-with-field");
    mark();
    const title = byId("csw-field-title");
    if (title) { title.focus({ preventScroll: true }); title.scrollIntoView({ block: "nearest" }); }
    document.querySelectorAll("#csw-draft-panel form[data-keep]").forEach(restore);
  }
  /* Until the form that gives way is saved. */
  async function saved() {
    const saving = () => document.querySelector("#csw-draft-panel form.htmx-request");
    while (saving()) {
      await new Promise((done) => { saving().addEventListener("htmx:afterRequest", done, { once: true }); });
      await new Promise((done) => { setTimeout(done); });
    }
  }
  window.addEventListener("popstate", () => { window.location.reload(); });

  /* Which field is open. */
  function mark() {
    const field = document.querySelector(".csw-draft-field");
    document.querySelectorAll(".csw-draft-row").forEach((row) => {
      const here = field && row.id === `row-${field.dataset.entity}-${field.dataset.field}`;
      row.classList.toggle("csw-draft-here", Boolean(here));
      row.querySelector(".csw-draft-open").toggleAttribute("aria-current", Boolean(here));
    });
  }

  /* What every form of the draft sends: the state that the page stands for, and the session's token. */
  function always() {
    const token = document.querySelector("#csw-draft-header form input[type=hidden]");
    return { revision: byId("csw-draft-header").dataset.revision, [token.name]: token.value };
  }

  /* Moving: Alt and an arrow key, or dragging. */
  async function move(row, values) {
    const link = row.querySelector(".csw-draft-open").id;
    await htmx.ajax("POST", row.dataset.moveUrl, {
      target: row.closest(".csw-draft-list"), swap: "innerHTML", values: { ...values, ...always() },
    });
    mark();
    const moved = byId(link);
    /* Whoever holds the keys stays at the field, also where it goes no further. */
    if (moved && (values.direction || document.activeElement.id !== "csw-draft-refused")) { moved.focus(); }
  }

  /* One after the other: the next one starts from what the last one left. */
  let moving = Promise.resolve();
  function queue(row, values) {
    moving = moving.then(() => move(byId(row.id) || row, values)).catch(() => say(draft.dataset.sayUnmoved));
  }

  draft.addEventListener("keydown", (event) => {
    const row = event.target.closest(".csw-draft-row");
    if (!row || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) { return; }
    event.preventDefault();
    queue(row, { direction: event.key === "ArrowUp" ? "up" : "down" });
  });

  /* Sections: Alt and an arrow key at the link in their head, or dragging the head. */
  function heads(entity) {
    return Array.from(draft.querySelectorAll(`.csw-draft-section-head[data-entity="${CSS.escape(entity)}"]`));
  }

  /* The page comes anew, with the focus at the link again. */
  function moveSection(head, after) {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: head.dataset.moveUrl, hidden: true });
    const values = { do: "move", after, ...always() };
    Object.entries(values).forEach(([name, value]) => {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    });
    head.querySelector("a").focus();
    draft.append(form);
    form.requestSubmit();
  }

  draft.addEventListener("keydown", (event) => {
    const head = event.target.closest(".csw-draft-section-head");
    if (!head || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) { return; }
    event.preventDefault();
    const all = heads(head.dataset.entity);
    const place = all.indexOf(head) + (event.key === "ArrowUp" ? -2 : 1);
    if (place < -1 || place >= all.length) { say(draft.dataset.sayEdge); return; }
    moveSection(head, place < 0 ? "" : all[place].dataset.section);
  });

  let draggedHead = null;
  draft.addEventListener("dragstart", (event) => {
    draggedHead = event.target.closest ? event.target.closest(".csw-draft-section-head") : null;
    if (!draggedHead) { return; }
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", draggedHead.dataset.section);
    draggedHead.closest(".csw-draft-section").classList.add("csw-dragged");
  });
  draft.addEventListener("dragover", (event) => {
    const found = draggedHead && headPlace(event);
    if (!found) { return; }
    event.preventDefault();
    unmark();
    found.section.classList.add(found.below ? "csw-drop-after" : "csw-drop-first");
  });
  draft.addEventListener("drop", (event) => {
    const found = draggedHead && headPlace(event);
    unmark();
    if (!found) { return; }
    event.preventDefault();
    const all = heads(draggedHead.dataset.entity);
    const before = all[all.indexOf(found.head) - 1];
    const after = found.below ? found.head : before;
    if (after !== draggedHead) { moveSection(draggedHead, after ? after.dataset.section : ""); }
  });
  draft.addEventListener("dragend", () => {
    if (draggedHead) { draggedHead.closest(".csw-draft-section").classList.remove("csw-dragged"); }
    draggedHead = null;
    unmark();
  });

  /* The section over which a dragged one is, and whether it would come below that one. */
  function headPlace(event) {
    const section = event.target.closest(".csw-draft-section");
    const head = section && section.querySelector(".csw-draft-section-head");
    if (!head || head === draggedHead || head.dataset.entity !== draggedHead.dataset.entity) { return null; }
    const box = section.getBoundingClientRect();
    return { section, head, below: event.clientY > box.top + box.height / 2 };
  }

  let dragged = null;
  draft.addEventListener("dragstart", (event) => {
    dragged = event.target.closest ? event.target.closest(".csw-draft-row") : null;
    if (!dragged) { return; }
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.field);
    dragged.classList.add("csw-dragged");
  });
  draft.addEventListener("dragover", (event) => {
    const list = dragged && place(event);
    if (!list) { return; }
    event.preventDefault();
    unmark();
    list.before ? list.before.classList.add("csw-drop-after") : list.list.classList.add("csw-drop-first");
  });
  draft.addEventListener("drop", (event) => {
    const found = dragged && place(event);
    unmark();
    if (!found) { return; }
    event.preventDefault();
    const row = dragged;
    const after = found.before ? found.before.dataset.field : "";
    if (after !== row.dataset.field) { queue(row, { place: `${found.list.dataset.section}:${after}` }); }
  });
  draft.addEventListener("dragend", () => {
    if (dragged) { dragged.classList.remove("csw-dragged"); }
    dragged = null;
    unmark();
  });

  /* Where a dragged field would land: the list, and the row that it would follow. */
  function place(event) {
    const section = event.target.closest(".csw-draft-section");
    const list = section && section.querySelector(".csw-draft-fields");
    if (!list || list.dataset.entity !== dragged.closest(".csw-draft-fields").dataset.entity) { return null; }
    let before = null;
    list.querySelectorAll(".csw-draft-row").forEach((row) => {
      const box = row.getBoundingClientRect();
      if (event.clientY > box.top + box.height / 2) { before = row; }
    });
    return { list, before };
  }

  function unmark() {
    draft.querySelectorAll(".csw-drop-after, .csw-drop-first").forEach((each) => {
      each.classList.remove("csw-drop-after", "csw-drop-first");
    });
  }

  /* The hour is that of whoever reads it. */
  function hours() {
    document.querySelectorAll("#csw-draft-saved time").forEach((time) => {
      time.textContent = new Date(time.dateTime).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
    });
  }
  document.body.addEventListener("htmx:oobAfterSwap", () => { hours(); mark(); });

  hours();
  mark();
  document.querySelectorAll("form[data-keep]").forEach(restore);
  /* A place in the address takes the focus once the page is loaded. */
  if (window.location.hash && document.readyState !== "complete") {
    window.addEventListener("load", () => { setTimeout(focus.take); });
  } else { focus.take(); }
})();
