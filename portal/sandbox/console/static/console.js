/* Keeps the lists fresh while the page is looked at. */
(function () {
  "use strict";
  const live = document.getElementById("live");
  setInterval(async () => {
    if (document.hidden || live.contains(document.activeElement) || String(getSelection())) return;
    try {
      const answer = await fetch(live.dataset.source);
      const html = await answer.text();
      if (answer.ok && html !== live.dataset.last) {
        live.innerHTML = html;
        live.dataset.last = html;
      }
    } catch {
      /* The sandbox is restarting; the next look may find it. */
    }
  }, 2000);
})();
