"""What runs in a payer's browser: Stripe.js, the Payment Element inside its own frame, the 3-D Secure challenge."""
