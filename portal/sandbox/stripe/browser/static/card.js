/* The card fields (and, through bank.js, those of a bank account) inside the Payment Element's frame: format, check, make the token. Card numbers stay in here. */
(function () {
  "use strict";

  const form = document.getElementById("card");
  const number = document.getElementById("number");
  const expiry = document.getElementById("expiry");
  const cvc = document.getElementById("cvc");
  const zip = document.getElementById("zip");
  const zipField = zip.closest(".field");
  const cardInputs = [number, expiry, cvc, zip];
  const bank = window.BankFields;
  const kinds = document.getElementById("kinds");
  const VARIABLES = {
    colorPrimary: "--primary", colorBackground: "--field", colorText: "--text", colorDanger: "--danger",
    colorTextSecondary: "--muted", colorTextPlaceholder: "--placeholder", borderRadius: "--radius", fontFamily: "--font", fontSizeBase: "--size",
  };
  let parentOrigin = null;
  let kind = "card";
  let inputs = cardInputs;

  function tell(message) { window.parent.postMessage(message, parentOrigin || "*"); }
  function digits(text) { return text.replace(/\D/g, ""); }

  function luhn(text) {
    let sum = 0;
    [...text].reverse().forEach((digit, place) => {
      const value = Number(digit) * (place % 2 ? 2 : 1);
      sum += value > 9 ? value - 9 : value;
    });
    return sum % 10 === 0;
  }

  function expiryParts() {
    const text = digits(expiry.value);
    return { month: Number(text.slice(0, 2)), year: 2000 + Number(text.slice(2, 4)), complete: text.length === 4 };
  }

  /* What is wrong with a field, in Stripe's codes and words, or null. */
  const problems = {
    ...bank.problems,
    number() {
      const text = digits(number.value);
      if (text.length < 16) return ["incomplete_number", "Your card number is incomplete."];
      return luhn(text) ? null : ["invalid_number", "Your card number is invalid."];
    },
    expiry() {
      const { month, year, complete } = expiryParts();
      if (!complete) return ["incomplete_expiry", "Your card’s expiration date is incomplete."];
      const now = new Date();
      if (month < 1 || month > 12) return ["invalid_expiry_month", "Your card’s expiration date is invalid."];
      const past = year < now.getFullYear() || (year === now.getFullYear() && month < now.getMonth() + 1);
      return past ? ["invalid_expiry_year_past", "Your card’s expiration year is in the past."] : null;
    },
    cvc() {
      return digits(cvc.value).length < 3 ? ["incomplete_cvc", "Your card’s security code is incomplete."] : null;
    },
    zip() {
      if (zipField.hidden) return null;
      return digits(zip.value).length < 5 ? ["incomplete_zip", "Your ZIP is incomplete."] : null;
    },
  };

  function show(input, problem) {
    const place = document.getElementById(`${input.id}-error`);
    place.textContent = problem ? problem[1] : "";
    if (problem) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  function format(input) {
    const text = digits(input.value);
    if (input === number) input.value = text.slice(0, 16).replace(/(\d{4})(?=\d)/g, "$1 ");
    if (input === expiry) {
      const padded = /^[2-9]/.test(text) ? `0${text}` : text;
      input.value = padded.length > 2 ? `${padded.slice(0, 2)} / ${padded.slice(2, 4)}` : padded;
    }
    if (input === cvc) input.value = text.slice(0, 4);
    if (input === zip) input.value = text.slice(0, 5);
    bank.format(input, text);
  }

  function choose(wanted) {
    kind = wanted;
    inputs = kind === "card" ? cardInputs : bank.inputs;
    form.hidden = kind !== "card";
    bank.form.hidden = kind === "card";
    for (const radio of kinds.querySelectorAll("input")) radio.checked = radio.value === kind;
  }

  function changed() {
    const complete = inputs.every((input) => !problems[input.id]());
    tell({ type: "change", kind, complete, empty: inputs.every((input) => !input.value) });
  }

  function fill(values) {
    for (const [id, value] of Object.entries(values)) {
      const input = document.getElementById(id);
      input.value = value;
      format(input);
      show(input, null);
    }
    changed();
  }

  function submit() {
    const wrong = inputs.filter((input) => {
      const problem = problems[input.id]();
      show(input, problem);
      return problem;
    });
    if (!wrong.length) return { kind };
    wrong[0].focus();
    const [code, message] = problems[wrong[0].id]();
    return { error: { type: "validation_error", code, message } };
  }

  /* Nested values in Stripe's form encoding. */
  function encode(body, value, name) {
    if (value === undefined || value === null || value === "") return;
    if (typeof value !== "object") { body.append(name, value); return; }
    for (const [key, inner] of Object.entries(value)) encode(body, inner, name ? `${name}[${key}]` : key);
  }

  function cardData(billing) {
    const { month, year } = expiryParts();
    const address = { country: "US", ...(billing.address || {}) };
    if (!zipField.hidden) address.postal_code = zip.value;
    return {
      type: "card",
      card: { number: digits(number.value), exp_month: month, exp_year: year, cvc: cvc.value },
      billing_details: { ...billing, address },
    };
  }

  async function token({ key, context, billing, return_url }) {
    const body = new URLSearchParams();
    encode(body, {
      payment_method_data: kind === "card" ? cardData(billing) : bank.data(billing),
      client_context: context,
      return_url,
    }, "");
    try {
      const answer = await fetch("/v1/confirmation_tokens", { method: "POST", body, headers: { Authorization: `Bearer ${key}` } });
      const made = await answer.json();
      if (answer.ok) return { confirmationToken: made };
      const field = { number, exp_month: expiry, exp_year: expiry, cvc, ...bank.byParam }[made.error.param];
      if (field) show(field, [made.error.code, made.error.message]);
      return { error: made.error };
    } catch {
      return { error: { type: "api_connection_error", message: "The payment service could not be reached." } };
    }
  }

  function configure({ appearance, fields, theme, types, mode, business, terms }) {
    const possible = (types || ["card", "us_bank_account"]).filter((type) => kinds.querySelector(`[value="${type}"]`));
    kinds.hidden = possible.length < 2;
    if (!possible.includes(kind)) choose(possible[0] || "card");
    bank.configure(mode, business, terms || {});
    document.documentElement.dataset.theme = theme;
    for (const [name, property] of Object.entries(VARIABLES)) {
      const value = (appearance.variables || {})[name];
      if (value) document.documentElement.style.setProperty(property, value);
      else document.documentElement.style.removeProperty(property);
    }
    const billing = (fields || {}).billingDetails;
    const address = billing && billing.address;
    zipField.hidden = billing === "never" || address === "never" || Boolean(address && address.postalCode === "never");
  }

  const actions = { submit, token, configure, focus: () => inputs[0].focus(), clear: () => fill(Object.fromEntries(inputs.map((input) => [input.id, ""]))) };

  window.addEventListener("message", async (event) => {
    if (event.source !== window.parent || !actions[event.data.type]) return;
    const first = parentOrigin === null;
    parentOrigin = event.origin;
    const message = event.data;
    const data = await actions[message.type](message.type === "configure" ? message : message.data);
    if (message.id) tell({ type: "answer", id: message.id, data });
    if (first) tell({ type: "ready" });
  });

  for (const input of [...cardInputs, ...bank.inputs]) {
    input.addEventListener("input", () => {
      const atEnd = input.selectionStart === input.value.length;
      if (atEnd) format(input);
      if (input.hasAttribute("aria-invalid")) show(input, problems[input.id]());
      changed();
    });
    input.addEventListener("blur", () => {
      format(input);
      if (input.value) show(input, problems[input.id]());
      tell({ type: "blur" });
    });
    input.addEventListener("focus", () => tell({ type: "focus" }));
  }
  for (const each of [form, bank.form]) each.addEventListener("submit", (event) => event.preventDefault());
  kinds.addEventListener("change", (event) => { choose(event.target.value); changed(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tell({ type: "escape" }); });
  for (const button of document.querySelectorAll("[data-number]")) {
    button.addEventListener("click", () => {
      fill({ number: button.dataset.number, expiry: `12${String(new Date().getFullYear() + 3).slice(2)}`, cvc: "123", zip: "33101" });
    });
  }
  for (const button of document.querySelectorAll("[data-account]")) {
    button.addEventListener("click", () => fill({ routing: "110000000", account: button.dataset.account, holder: "Jenny Rosen" }));
  }
  new ResizeObserver(() => tell({ type: "height", height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
  tell({ type: "loaded" });
})();
