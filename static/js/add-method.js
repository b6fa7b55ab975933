/* Adding a payment method: the processor's fields and the bank's question. Numbers never reach this script. */
(() => {
  "use strict";

  const form = document.getElementById("method-form");
  const step = () => document.getElementById("method-step");
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  let stripe = null;
  let elements = null;

  const say = (words) => {
    const place = document.getElementById("processor-error");
    place.textContent = words;
    place.hidden = !words;
    if (words) place.scrollIntoView({ block: "nearest" });
  };

  const mount = () => {
    if (typeof window.Stripe !== "function") {
      say(form.dataset.noFieldsWords);
      return;
    }
    stripe = window.Stripe(form.dataset.publishableKey, { locale: form.dataset.language });
    elements = stripe.elements({
      mode: "setup", currency: "usd", setupFutureUsage: "off_session",
      allowedPaymentMethodTypes: form.dataset.kinds.split(" "), appearance: window.processorLook(),
    });
    const fields = elements.create("payment", { business: { name: form.dataset.business } });
    fields.on("change", () => say(""));
    fields.on("loaderror", () => say(form.dataset.noFieldsWords));
    fields.mount("#processor-fields");
    night.addEventListener("change", () => elements.update({ appearance: window.processorLook() }));
  };

  const tell = (name) => form.dispatchEvent(new CustomEvent(name, { bubbles: true }));

  const enter = async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    say("");
    if (!elements) return say(form.dataset.noFieldsWords);
    tell("portal:busy");
    const checked = await elements.submit();
    const made = checked.error ? checked : await stripe.createConfirmationToken({ elements });
    tell("portal:idle");
    if (made.error) return say(made.error.message);
    form.elements.confirmation_token.value = made.confirmationToken.id;
    return tell("method:entered");
  };

  /* Once by itself; if the bank's step is still to be done afterwards, its owner decides when to begin it again. */
  let decided = false;
  const confirmWithBank = async (section) => {
    const processor = stripe || window.Stripe(section.dataset.key);
    await processor.handleNextAction({ clientSecret: section.dataset.action });
    decided = true;
    section.querySelector("form").dispatchEvent(new CustomEvent("method:decided", { bubbles: true }));
  };

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target !== step()) return;
    const action = step().querySelector("[data-action]");
    if (form) form.hidden = Boolean(action);
    if (action && !decided) confirmWithBank(action);
    decided = false;
    const first = step().querySelector("[data-error-summary], [data-focus]");
    if (first) first.focus();
  });

  if (form) {
    form.addEventListener("submit", enter);
    mount();
  }
})();
