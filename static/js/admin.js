/* What the staff's pages need: / goes to the search box, and the room one is in is in sight on narrow screens. */
(() => {
  "use strict";

  const room = document.querySelector(".rooms [aria-current]");
  const list = room && room.closest("ul");
  if (list) list.scrollLeft = room.offsetLeft - (list.clientWidth - room.offsetWidth) / 2;

  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    const box = document.querySelector("[data-search]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing || !box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
