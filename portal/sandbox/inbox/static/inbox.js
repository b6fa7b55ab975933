// Looks for new mails every two seconds and replaces the list when it has changed.
const list = document.getElementById("list");

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(list.dataset.src);
  if (!answer.ok) return;
  const html = await answer.text();
  if (html === list.dataset.shown) return;
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list.dataset.shown = html;
  list.innerHTML = html;
  if (focused) list.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

setInterval(() => refresh().catch(() => {}), 2000);
