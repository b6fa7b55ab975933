/* The bank's page inside the dialog: sends the decision and tells the page around it. */
(function () {
  "use strict";
  if (window.parent === window) return;
  const form = document.getElementById("challenge");
  const status = document.getElementById("status");

  async function decide(outcome) {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    status.textContent = "One moment…";
    await fetch(form.action, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ client_secret: form.elements.client_secret.value, outcome }),
    });
    window.parent.postMessage({ type: "decided" }, "*");
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    decide(event.submitter.value);
  });
  window.addEventListener("message", (event) => {
    if (event.source === window.parent && event.data.type === "fail") decide("fail");
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") decide("fail"); });
  new ResizeObserver(() => {
    window.parent.postMessage({ type: "height", height: Math.ceil(document.body.getBoundingClientRect().height) }, "*");
  }).observe(document.body);
  form.querySelector("button").focus();
})();
