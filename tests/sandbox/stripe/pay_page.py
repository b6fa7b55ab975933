"""A pay page of another origin under a strict policy; the same calls as against the real Stripe.js."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>loading</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css"></head>
<body><main><h1>Pay</h1><div id="element"></div><p><button id="pay">Review</button></p>
<p id="said" role="status"></p></main>
<script src="{sandbox}/v3/"></script><script src="/page.js"></script></body></html>"""
CSS = ":root { color-scheme: light dark } body { margin: 0 } main { max-width: 480px; margin: auto; padding: 16px }"
SCRIPT = """
const violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
const asked = new URLSearchParams(location.search);
const stripe = Stripe("pk_test_sandbox_harbor");
const elements = stripe.elements({
  ...(asked.has("setup") ? { mode: "setup" } : { mode: "payment", amount: 41250, currency: "usd" }),
  allowedPaymentMethodTypes: asked.has("bank") ? ["card", "us_bank_account"] : ["card"],
  appearance: { theme: asked.get("theme") || "stripe" },
});
const fields = asked.has("nozip") ? { billingDetails: { address: "never" } } : {};
const element = elements.create("payment", { fields });
const changes = [];
element.on("ready", () => { document.title = "ready"; });
element.on("change", (event) => changes.push(event));
element.mount("#element");
const said = document.getElementById("said");
document.getElementById("pay").addEventListener("click", async () => {
  said.textContent = "";
  const submitted = await elements.submit();
  if (submitted.error) { said.textContent = submitted.error.code; return; }
  const made = await stripe.createConfirmationToken({ elements, params: { return_url: location.href } });
  said.textContent = made.error ? made.error.code : made.confirmationToken.id;
});
async function next(clientSecret) {
  said.textContent = "";
  const { paymentIntent, setupIntent, error } = await stripe.handleNextAction({ clientSecret });
  said.textContent = error ? error.code : (paymentIntent || setupIntent).status;
}
"""


class PayPage:
    """Serves the page on a free port, allowing the sandbox's origin and nothing else."""

    def __init__(self, sandbox_url: str) -> None:
        files = {"/page.css": (CSS, "text/css"), "/page.js": (SCRIPT, "text/javascript")}
        policy = (
            f"default-src 'none'; script-src 'self' {sandbox_url}; style-src 'self'; img-src data:; "
            f"frame-src {sandbox_url}; connect-src 'self' {sandbox_url}"
        )

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                html = HTML.replace("{sandbox}", sandbox_url)
                body, kind = files.get(self.path.split("?")[0], (html, "text/html"))
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: Any) -> None:
                """Tests print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
