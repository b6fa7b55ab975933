/* A small Stripe.js for the stand-in: the same calls, the card fields in a frame from this script's own origin.
   Runs under a strict policy of the embedding page: script-src, frame-src and connect-src for this origin suffice. */
(function () {
  "use strict";

  const ORIGIN = new URL(document.currentScript.src).origin;
  const FRAME_TITLE = "Secure payment input frame";
  const EVENTS = ["ready", "change", "focus", "blur", "escape", "loaderstart", "loaderror"];

  function misuse(message) {
    const error = new Error(message);
    error.name = "IntegrationError";
    return error;
  }

  function frame(address, title) {
    const iframe = document.createElement("iframe");
    iframe.title = title;
    iframe.src = ORIGIN + address;
    Object.assign(iframe.style, { border: "0", display: "block", width: "100%", height: "0" });
    return iframe;
  }

  function themeOf(appearance) {
    return appearance && appearance.theme === "night" ? "night" : "day";
  }

  /* The Payment Element: fields in a frame; messages in both directions carry a `type` and, for answers, an `id`. */
  class PaymentElement {
    constructor(elements, options) {
      this.elements = elements;
      this.options = options || {};
      this.listeners = {};
      this.waiting = new Map();
      this.count = 0;
      this.isReady = new Promise((resolve) => { this.setReady = resolve; });
      this.onMessage = this.onMessage.bind(this);
    }

    mount(target) {
      const place = typeof target === "string" ? document.querySelector(target) : target;
      if (!place) throw misuse(`The selector you specified (${target}) applies to no DOM elements.`);
      if (this.iframe) throw misuse("This Element has already been mounted. Use `unmount()` first.");
      const theme = themeOf(this.elements.options.appearance);
      this.iframe = frame(`/elements/card?theme=${theme}`, FRAME_TITLE);
      this.iframe.name = "__privateStripeFrame";
      this.iframe.allow = "payment *";
      // The frame keeps 4 px on each side for focus rings, so its fields line up with the page.
      Object.assign(this.iframe.style, { width: "calc(100% + 8px)", margin: "-4px" });
      // A frame whose colour scheme differs from its content's is painted opaque.
      this.iframe.style.colorScheme = theme === "night" ? "dark" : "light";
      window.addEventListener("message", this.onMessage);
      this.iframe.addEventListener("error", () => this.emit("loaderror", { error: { message: "no frame" } }));
      place.replaceChildren(this.iframe);
      this.emit("loaderstart", {});
    }

    unmount() {
      window.removeEventListener("message", this.onMessage);
      if (this.iframe) this.iframe.remove();
      this.iframe = null;
    }

    destroy() { this.unmount(); this.elements.payment = null; }

    on(event, handler) {
      if (!EVENTS.includes(event)) throw misuse(`The Payment Element has no event named ${event}.`);
      (this.listeners[event] = this.listeners[event] || []).push(handler);
      return this;
    }

    once(event, handler) {
      const first = (payload) => { this.off(event, first); handler(payload); };
      return this.on(event, first);
    }

    off(event, handler) {
      this.listeners[event] = (this.listeners[event] || []).filter((known) => handler && known !== handler);
      return this;
    }

    emit(event, payload) {
      for (const handler of [...(this.listeners[event] || [])]) handler({ elementType: "payment", ...payload });
    }

    focus() { this.post({ type: "focus" }); }
    clear() { this.post({ type: "clear" }); }
    collapse() {}

    update(options) {
      Object.assign(this.options, options);
      this.configure();
    }

    configure() {
      const { appearance, allowedPaymentMethodTypes, paymentMethodTypes, mode } = this.elements.options;
      if (this.iframe) this.iframe.style.colorScheme = themeOf(appearance) === "night" ? "dark" : "light";
      this.post({
        type: "configure", appearance: appearance || {}, fields: this.options.fields || {}, theme: themeOf(appearance), mode,
        types: allowedPaymentMethodTypes || paymentMethodTypes, business: (this.options.business || {}).name,
        terms: this.options.terms || {},
      });
    }

    post(message) {
      if (this.iframe && this.iframe.contentWindow) this.iframe.contentWindow.postMessage(message, ORIGIN);
    }

    ask(type, data) {
      const id = ++this.count;
      return this.isReady.then(() => new Promise((resolve) => {
        this.waiting.set(id, resolve);
        this.post({ type, id, data });
      }));
    }

    onMessage(event) {
      if (event.origin !== ORIGIN || !this.iframe || event.source !== this.iframe.contentWindow) return;
      const message = event.data;
      if (message.type === "loaded") {
        this.configure();
      } else if (message.type === "ready") {
        this.setReady();
        this.emit("ready", {});
      } else if (message.type === "height") {
        this.iframe.style.height = `${message.height}px`;
      } else if (message.type === "answer") {
        const resolve = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if (resolve) resolve(message.data);
      } else if (message.type === "change") {
        this.elements.submitted = false;
        this.emit("change", { empty: message.empty, complete: message.complete, collapsed: false, value: { type: message.kind } });
      } else if (message.type === "focus" || message.type === "blur" || message.type === "escape") {
        this.emit(message.type, {});
      }
    }
  }

  class Elements {
    constructor(key, options) {
      this.key = key;
      this.options = {};
      this.payment = null;
      this.submitted = false;
      this.set(options || {});
    }

    set(options) {
      const merged = { ...this.options, ...options };
      if (merged.clientSecret) throw misuse("The stand-in makes intents on the server: give `mode`, `amount` and `currency`.");
      if (!["payment", "setup", "subscription"].includes(merged.mode)) throw misuse("`mode` must be payment, setup or subscription.");
      if (merged.mode === "payment" && !(Number.isInteger(merged.amount) && merged.amount > 0)) {
        throw misuse("`amount` must be a positive integer, in the smallest currency unit.");
      }
      if ((merged.mode !== "setup" || merged.currency) && !/^[a-z]{3}$/.test(merged.currency || "")) throw misuse("`currency` must be three lowercase letters.");
      this.options = merged;
    }

    create(type, options) {
      if (type !== "payment") throw misuse(`The stand-in has no ${type} Element.`);
      if (this.payment) throw misuse("Can only create one Element of type payment.");
      this.payment = new PaymentElement(this, options);
      return this.payment;
    }

    getElement(type) { return type === "payment" ? this.payment : null; }

    update(options) {
      this.set(options);
      if (this.payment) this.payment.configure();
    }

    async fetchUpdates() { return {}; }

    async submit() {
      if (!this.payment || !this.payment.iframe) throw misuse("elements.submit() needs a mounted Payment Element.");
      const { error, kind } = await this.payment.ask("submit", {});
      if (error) return { error };
      this.submitted = true;
      return { selectedPaymentMethod: kind };
    }
  }

  /* The bank's challenge in a dialog over the whole page; resolves when the payer has decided. */
  function challenge(intent, theme) {
    return new Promise((resolve) => {
      const dialog = document.createElement("dialog");
      dialog.setAttribute("aria-label", "3-D Secure");
      Object.assign(dialog.style, {
        border: "0", padding: "0", margin: "auto", width: "min(400px, calc(100vw - 32px))", maxHeight: "calc(100vh - 32px)",
        borderRadius: "12px", background: theme === "night" ? "#1c1f26" : "#ffffff", boxShadow: "0 0 0 100vmax rgba(10, 15, 25, .6)",
        overflow: "auto", colorScheme: theme === "night" ? "dark" : "light",
      });
      const secret = encodeURIComponent(intent.client_secret);
      const iframe = frame(`/challenge/${intent.id}?client_secret=${secret}&theme=${theme}`, "3-D Secure challenge");
      iframe.style.height = "360px";
      iframe.style.colorScheme = dialog.style.colorScheme;
      dialog.append(iframe);
      const onMessage = (event) => {
        if (event.origin !== ORIGIN || event.source !== iframe.contentWindow) return;
        if (event.data.type === "height") iframe.style.height = `${event.data.height}px`;
        if (event.data.type !== "decided") return;
        window.removeEventListener("message", onMessage);
        dialog.close();
        dialog.remove();
        resolve();
      };
      window.addEventListener("message", onMessage);
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        iframe.contentWindow.postMessage({ type: "fail" }, ORIGIN);
      });
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  class Client {
    constructor(key, options) {
      this.key = key;
      this.clientOptions = options || {};
      this.theme = "day";
    }

    elements(options) {
      this.latest = new Elements(this.key, options);
      return this.latest;
    }

    async createConfirmationToken({ elements, params }) {
      if (!(elements instanceof Elements)) throw misuse("createConfirmationToken() needs `elements`.");
      if (!elements.submitted) throw misuse("elements.submit() must be called before stripe.createConfirmationToken().");
      const { mode, currency, setupFutureUsage } = elements.options;
      const context = { mode, currency, setup_future_usage: setupFutureUsage || undefined };
      const given = params || {};
      const billing = (given.payment_method_data || {}).billing_details || {};
      return elements.payment.ask("token", { key: this.key, context, billing, return_url: given.return_url });
    }

    /* Reads an intent by its client secret, of a payment or of a setup. */
    async retrieve(clientSecret, path, name) {
      const id = String(clientSecret).split("_secret_")[0];
      const query = new URLSearchParams({ client_secret: clientSecret });
      try {
        const answer = await fetch(`${ORIGIN}/v1/${path}/${id}?${query}`, {
          headers: { Authorization: `Bearer ${this.key}` }, credentials: "omit",
        });
        const body = await answer.json();
        return answer.ok ? { [name]: body } : { error: body.error };
      } catch {
        return { error: { type: "api_connection_error", message: "The payment service could not be reached." } };
      }
    }

    async retrievePaymentIntent(clientSecret) { return this.retrieve(clientSecret, "payment_intents", "paymentIntent"); }

    async retrieveSetupIntent(clientSecret) { return this.retrieve(clientSecret, "setup_intents", "setupIntent"); }

    async handleNextAction({ clientSecret }) {
      const setup = String(clientSecret).startsWith("seti_");
      const read = () => (setup ? this.retrieveSetupIntent(clientSecret) : this.retrievePaymentIntent(clientSecret));
      const name = setup ? "setupIntent" : "paymentIntent";
      const before = await read();
      if (before.error || before[name].status !== "requires_action") return before;
      const action = before[name].next_action;
      if (action.type === "verify_with_microdeposits") return before;
      if (action.type === "redirect_to_url") {
        window.location.assign(action.redirect_to_url.url);
        return new Promise(() => {});
      }
      await challenge(before[name], themeOf(this.latest && this.latest.options.appearance));
      const after = await read();
      const intent = after[name];
      const refused = intent && intent.status === "requires_payment_method" && (intent.last_payment_error || intent.last_setup_error);
      return refused ? { error: { ...refused, [setup ? "setup_intent" : "payment_intent"]: intent } } : after;
    }
  }

  function Stripe(key, options) {
    if (!/^pk_test_sandbox_[\w-]+$/.test(key || "")) throw misuse("The stand-in takes keys that begin with pk_test_sandbox_.");
    return new Client(key, options);
  }
  Stripe.version = "sandbox";
  window.Stripe = Stripe;
})();
