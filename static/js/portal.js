/* What every page needs beside htmx: where the focus goes, no double submits, copy buttons, menus that close, and on
   narrow screens the room that one is in is in sight. */
(() => {
  "use strict";

  const room = document.querySelector(".rooms [aria-current]");
  const list = room && room.closest("ul");
  if (list) list.scrollLeft = room.offsetLeft - list.offsetLeft - (list.clientWidth - room.offsetWidth) / 2;

  // Focus: after a form's answer, the error summary, else its heading. Polling never moves the focus.
  const focusIn = (root) => {
    const summary = root.querySelector("[data-error-summary]");
    const place = summary || root.querySelector("h1[tabindex='-1'], h2[tabindex='-1'], [data-focus]");
    if (place) place.focus();
    const word = document.body.dataset.errorWord;
    const bare = document.title.startsWith(word) ? document.title.slice(word.length).trim() : document.title;
    document.title = summary ? `${word} ${bare}` : bare;
  };

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const cause = detail.requestConfig && detail.requestConfig.triggeringEvent;
    if (!cause || !["submit", "click"].includes(cause.type)) return;
    const target = detail.elt;
    focusIn(target.matches("[data-error-summary], [tabindex='-1']") && target.parentElement ? target.parentElement : target);
  });

  document.addEventListener("htmx:sendError", () => {
    const alert = document.getElementById("page-alert");
    alert.replaceChildren(document.getElementById("no-answer").content.cloneNode(true));
    alert.tabIndex = -1;
    alert.focus();
    alert.scrollIntoView({ block: "nearest" });
  });

  document.addEventListener("DOMContentLoaded", () => {
    const summary = document.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  });

  // One submit at a time. Scripts that send a form themselves dispatch portal:busy and portal:idle on it.
  const buttons = (form) => [...form.elements].filter((element) => element.type === "submit");
  const busy = (form) => {
    form.dataset.busy = "true";
    for (const button of buttons(form)) {
      if (button.disabled) continue;
      button.disabled = true;
      button.dataset.wasEnabled = "true";
      button.setAttribute("aria-busy", "true");
    }
  };
  const idle = (form) => {
    delete form.dataset.busy;
    for (const button of buttons(form)) {
      if (!button.dataset.wasEnabled) continue;
      button.disabled = false;
      delete button.dataset.wasEnabled;
      button.removeAttribute("aria-busy");
    }
  };
  const formOf = (element) => (element instanceof Element ? element.closest("form") : null);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.busy) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // Later, since a disabled button's name and value would not be sent, and others may prevent the submit.
    setTimeout(() => {
      if (!event.defaultPrevented && form.method === "post") busy(form);
    });
  }, true);

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const form = formOf(detail.elt);
    if (form && detail.requestConfig.verb !== "get") busy(form);
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = formOf(detail.elt);
    if (form) idle(form);
  });
  document.addEventListener("portal:busy", ({ target }) => busy(target));
  document.addEventListener("portal:idle", ({ target }) => idle(target));
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(idle));

  // <button data-copy="text"> puts the text on the clipboard and says so.
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.querySelector("[data-copy-label]") || button;
    const before = label.textContent;
    label.textContent = document.body.dataset.copiedWords;
    document.getElementById("live").textContent = document.body.dataset.copiedWords;
    setTimeout(() => { label.textContent = before; }, 2000);
  });

  // Menus close on Escape and when something else is pressed.
  const openMenus = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", ({ target }) => {
    for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
