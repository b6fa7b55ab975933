/* Passkeys. <form data-passkey="create|get" data-options="address"> with a hidden input named credential:
   its button asks the browser for a passkey and then sends the form with the answer in it. */
(() => {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const letters = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // As PublicKeyCredential's own fromJSON and toJSON do it, which not every browser has.
  const read = (options) => {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const list of [options.allowCredentials, options.excludeCredentials]) {
      for (const known of list || []) known.id = bytes(known.id);
    }
    return options;
  };
  const written = (credential) => {
    const answer = credential.response;
    const response = { clientDataJSON: letters(answer.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (answer[name]) response[name] = letters(answer[name]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: letters(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
      authenticatorAttachment: credential.authenticatorAttachment,
    });
  };

  const ask = async (form) => {
    const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
    if (!answer.ok) throw new Error(`options: ${answer.status}`);
    const publicKey = read(await answer.json());
    return form.dataset.passkey === "create"
      ? navigator.credentials.create({ publicKey })
      : navigator.credentials.get({ publicKey });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const problem = form.querySelector("[data-passkey-problem]");
    if (!window.PublicKeyCredential) continue;
    form.querySelector("[data-passkey-missing]").hidden = true;
    const button = form.querySelector("button");
    button.hidden = false;
    button.addEventListener("click", async () => {
      problem.hidden = true;
      button.disabled = true;
      try {
        form.elements.credential.value = written(await ask(form));
        form.requestSubmit();
      } catch {
        button.disabled = false;
        problem.hidden = false;
        document.getElementById("live").textContent = problem.textContent;
      }
    });
  }
})();
