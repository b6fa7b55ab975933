/* The warning before a time-out. The server counts every request as use, in whatever tab; so the tabs share when
   the last one was. At the end the page leaves for the sign-in, which leads back here. */
(() => {
  "use strict";

  const WARN_SECONDS = 120;
  const dialog = document.getElementById("time-out");
  const { idle, left, root, signIn } = dialog.dataset;
  const key = `portal-used:${root}`;
  const ends = Date.now() + left * 1000;
  let used = 0;

  const use = () => {
    used = Date.now();
    try {
      localStorage.setItem(key, used);
    } catch {
      // No storage here: each tab counts for itself.
    }
  };
  const lastUse = () => {
    try {
      return Math.max(used, Number(localStorage.getItem(key)));
    } catch {
      return used;
    }
  };
  const leave = () => {
    const page = location.pathname.slice(root.length) + location.search;
    location.assign(`${signIn}?why=idle&next=${encodeURIComponent(page)}`);
  };
  const words = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

  const look = () => {
    const idleLeft = (lastUse() - Date.now()) / 1000 + Number(idle);
    const endLeft = (ends - Date.now()) / 1000;
    const seconds = Math.ceil(Math.min(idleLeft, endLeft));
    if (seconds <= 0) {
      clearInterval(timer);
      leave();
    } else if (seconds > WARN_SECONDS) {
      delete dialog.dataset.dismissed;
      if (dialog.open) dialog.close();
    } else {
      const isEnd = endLeft < idleLeft;
      dialog.querySelector("[data-idle-words]").hidden = isEnd;
      dialog.querySelector("[data-end-words]").hidden = !isEnd;
      dialog.querySelector("button:not([data-leave])").hidden = isEnd;
      for (const place of dialog.querySelectorAll("[data-countdown]")) place.textContent = words(seconds);
      if (!dialog.open && !dialog.dataset.dismissed) dialog.showModal();
    }
  };

  dialog.querySelector("form").addEventListener("submit", async (event) => {
    if (event.submitter && event.submitter.matches("[data-leave]")) return;
    event.preventDefault();
    const form = event.target;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
    form.dispatchEvent(new Event("portal:idle", { bubbles: true }));
    if (answer && answer.status === 204) {
      use();
      dialog.close();
    } else if (answer) {
      leave();
    }
  });
  // Escape closes the warning; it comes back only after the next use.
  dialog.addEventListener("cancel", () => { dialog.dataset.dismissed = "true"; });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful) use();
  });
  window.addEventListener("pageshow", look);
  use();
  const timer = setInterval(look, 1000);
})();
