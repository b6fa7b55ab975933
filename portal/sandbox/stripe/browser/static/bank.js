/* The fields of a bank account inside the Payment Element's frame: what is wrong with them, and what is sent. */
(function () {
  "use strict";

  const holder = document.getElementById("holder");
  const routing = document.getElementById("routing");
  const account = document.getElementById("account");
  const ways = document.getElementById("ways");

  /* The check digit of a routing number: weights 3, 7, 1. */
  function routingIsValid(text) {
    const sum = [...text].reduce((total, digit, place) => total + Number(digit) * [3, 7, 1][place % 3], 0);
    return text.length === 9 && sum % 10 === 0;
  }

  window.BankFields = {
    form: document.getElementById("bank"),
    inputs: [holder, routing, account],
    byParam: { routing_number: routing, account_number: account, "billing_details[name]": holder },

    problems: {
      holder() { return holder.value.trim() ? null : ["incomplete_name", "Your name is incomplete."]; },
      routing() {
        if (routing.value.length < 9) return ["incomplete_routing_number", "Your routing number is incomplete."];
        return routingIsValid(routing.value) ? null : ["invalid_routing_number", "Your routing number is invalid."];
      },
      account() {
        return account.value.length < 4 ? ["incomplete_account_number", "Your account number is incomplete."] : null;
      },
    },

    format(input, digits) {
      if (input === routing) input.value = digits.slice(0, 9);
      if (input === account) input.value = digits.slice(0, 17);
    },

    /* A payment is verified at once; only who saves an account may wait for deposits. */
    configure(mode, business, terms) {
      ways.hidden = mode !== "setup";
      document.getElementById("mandate").hidden = terms.usBankAccount === "never";
      if (business) document.getElementById("merchant").textContent = business;
    },

    data(billing) {
      const chosen = ways.querySelector(":checked");
      return {
        type: "us_bank_account",
        us_bank_account: {
          routing_number: routing.value, account_number: account.value, account_holder_type: "individual",
          verification: ways.hidden ? "instant" : chosen.value,
        },
        billing_details: { ...billing, name: holder.value.trim() },
      };
    },
  };
})();
