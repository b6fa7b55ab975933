/* The payment page: the processor's fields, the review, the bank's confirmation. Card and account numbers never reach this script. */
(() => {
  "use strict";

  const form = document.getElementById("pay-form");
  const step = () => document.getElementById("paying-step");
  const publishableKey = () => document.querySelector("[data-publishable-key]").dataset.publishableKey;
  const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  let stripe = null;
  let elements = null;

  const ticked = () => [...form.querySelectorAll("[name=invoice]:checked")];
  /* What is typed into an amount field, else all that is open; the review shows how the server reads it. */
  const amountOf = (box) => {
    const field = form.querySelector(`[data-part="${box.value}"] input`);
    const typed = field && field.value.trim() ? Math.round(Number(field.value.replace(/[$,\s]/g, "")) * 100) : NaN;
    return typed > 0 && typed < Number(box.dataset.cents) ? typed : Number(box.dataset.cents);
  };
  const sum = () => ticked().reduce((cents, box) => cents + amountOf(box), 0);
  const isPart = () => ticked().some((box) => amountOf(box) < Number(box.dataset.cents));
  /* A part is paid by card only, and some programs in one way only (portal/payments/method_kinds.py). */
  const takes = (kind) => (kind === "card" || !isPart()) && ticked().every((box) => ["", kind].includes(box.dataset.only || ""));
  const kinds = () => form.dataset.kinds.split(" ").filter(takes);

  /* As portal/payments/fees.py, in whole cents; what is charged is what the server says on the review. */
  const creditFee = (cents, { basisPoints, fixedCents }) => {
    const most = Math.min(...ticked().map((box) => Number(box.dataset.mostBasisPoints)));
    if (!cents || !most) return 0;
    const fee = Math.floor((cents * Number(basisPoints) + 5000) / 10000) + Number(fixedCents);
    return Math.min(fee, Math.floor((cents * most) / 10000));
  };

  const bankFee = (cents, { fixedCents }) => {
    const isAllowed = ticked().every((box) => Number(box.dataset.mostBasisPoints));
    return cents && isAllowed ? Number(fixedCents) : 0;
  };

  const showFees = () => {
    for (const [id, feeOf] of [["credit-cost", creditFee], ["bank-cost", bankFee]]) {
      const place = document.getElementById(id);
      if (!place) continue;
      const fee = feeOf(sum(), place.dataset);
      const words = fee ? place.dataset.words : place.dataset.noFeeWords;
      place.textContent = words.replace("FEE", money.format(fee / 100)).replace("AMOUNT", money.format((sum() + fee) / 100));
    }
  };

  const say = (words) => {
    const place = document.getElementById("processor-error");
    place.textContent = words;
    place.hidden = !words;
    if (words) place.scrollIntoView({ block: "nearest" });
  };

  /* A saved method needs no fields, nothing is saved that is saved already, and its fee is known. */
  const saved = () => form.querySelector("[name=saved_method]:checked:not([value=new])");
  const feeOf = (place) => {
    const terms = document.getElementById(place.dataset.feeLike);
    if (!terms) return 0;
    return (terms.id === "bank-cost" ? bankFee : creditFee)(sum(), terms.dataset);
  };
  const savedFee = () => {
    for (const place of form.querySelectorAll("[data-fee-like]")) {
      const fee = feeOf(place);
      place.textContent = fee ? place.dataset.words.replace("FEE", money.format(fee / 100)) : place.dataset.noFeeWords;
    }
    return saved() ? feeOf(saved().closest("label").querySelector("[data-fee-like]")) : 0;
  };

  /* What cannot pay what is ticked cannot be chosen; while a part is typed, a word says why. */
  const showKinds = () => {
    const note = document.getElementById("part-by-card");
    if (note) note.hidden = !isPart();
    for (const place of form.querySelectorAll("[data-when]")) place.hidden = place.dataset.when !== kinds().join(" ") || (!place.dataset.when && isPart());
    for (const [places, kind] of [["[data-bank-only]", "us_bank_account"], ["[data-card-only]", "card"]]) {
      for (const place of form.querySelectorAll(places)) {
        const radio = place.querySelector("input");
        if (radio) radio.disabled = !takes(kind);
        else place.hidden = !takes(kind);
      }
    }
    const lost = form.querySelector("[name=saved_method]:checked:disabled");
    if (lost) form.querySelector("[name=saved_method]:enabled").checked = true;
    if (elements && kinds().length) elements.update({ allowedPaymentMethodTypes: kinds() });
  };

  const showTotal = () => {
    showKinds();
    const words = money.format((sum() + savedFee()) / 100);
    document.querySelector("#pay-total .amount").textContent = words;
    const { totalWords, withoutFeeWords } = document.querySelector("[data-total-words]").dataset;
    document.querySelector("#pay-total span").textContent = saved() ? totalWords : withoutFeeWords;
    document.querySelector("#review-button span").textContent = form.dataset.reviewWords.replace("AMOUNT", words);
    showFees();
    if (elements && sum()) elements.update({ amount: sum() });
  };

  const mount = () => {
    if (typeof window.Stripe !== "function") {
      say(form.dataset.noFieldsWords);
      return;
    }
    stripe = window.Stripe(publishableKey(), { locale: form.dataset.language });
    elements = stripe.elements({
      mode: "payment", amount: sum() || Number(form.dataset.amount) || 100, currency: "usd",
      allowedPaymentMethodTypes: kinds().length ? kinds() : form.dataset.kinds.split(" "), appearance: window.processorLook(),
    });
    /* The review shows our own authorization of a bank debit. A wallet's sheet would show the amount before the fee. */
    const options = { business: { name: form.dataset.business }, terms: { usBankAccount: "never" } };
    if (document.getElementById("credit-cost")) options.wallets = { applePay: "never", googlePay: "never", link: "never" };
    const fields = elements.create("payment", options);
    fields.on("change", () => say(""));
    fields.on("loaderror", () => say(form.dataset.noFieldsWords));
    fields.mount("#processor-fields");
    night.addEventListener("change", () => elements.update({ appearance: window.processorLook() }));
  };

  const showFields = () => {
    document.getElementById("new-method").hidden = Boolean(saved());
  };

  const tell = (name) => form.dispatchEvent(new CustomEvent(name, { bubbles: true }));

  const review = async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    say("");
    if (!ticked().length) return say(form.dataset.chooseWords);
    if (saved()) {
      form.elements.confirmation_token.value = "";
      return tell("pay:reviewed");
    }
    if (!elements) return say(form.dataset.noFieldsWords);
    const save = document.getElementById("save-method");
    const autopay = document.getElementById("turn-on-autopay");
    const keeps = (save && save.checked) || (autopay && autopay.checked);
    if (save) elements.update({ setupFutureUsage: keeps ? "off_session" : null });
    tell("portal:busy");
    const checked = await elements.submit();
    const made = checked.error ? checked : await stripe.createConfirmationToken({ elements });
    tell("portal:idle");
    if (made.error) return say(made.error.message);
    form.elements.confirmation_token.value = made.confirmationToken.id;
    return tell("pay:reviewed");
  };

  /* Back from the review: the form was there all the time. */
  const change = ({ target }) => {
    const button = target.closest("[data-change]");
    if (!button) return;
    step().replaceChildren();
    form.hidden = false;
    const place = document.querySelector(button.dataset.change);
    place.scrollIntoView({ block: "center" });
    if (place.matches("input")) place.focus();
  };

  /* Once by itself; if the bank's step is still to be done afterwards, the payer decides when to begin it again. */
  let decided = false;
  const confirmWithBank = async (section) => {
    const processor = stripe || window.Stripe(section.dataset.key || publishableKey());
    await processor.handleNextAction({ clientSecret: section.dataset.action });
    decided = true;
    section.querySelector("form").dispatchEvent(new CustomEvent("pay:decided", { bubbles: true }));
  };

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target !== step()) return;
    if (form) form.hidden = Boolean(step().querySelector("[data-review], [data-action]"));
    const action = step().querySelector("[data-action]");
    if (action && !decided) confirmWithBank(action);
    decided = false;
    const first = step().querySelector("[data-error-summary], [data-focus]");
    if (first) first.focus();
  });
  document.addEventListener("click", change);

  if (form) {
    form.addEventListener("input", () => { showTotal(); showFields(); });
    form.addEventListener("change", showFields);
    form.addEventListener("submit", review);
    mount();
    showKinds();
    showFields();
  }
})();
