// The running total of what is ticked, in sight while anything is: this page's boxes, and what other pages have.
document.addEventListener("DOMContentLoaded", () => {
  const bar = document.querySelector("#tick-total");
  if (!bar) return;
  const money = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
  const boxes = [...document.querySelectorAll("#balances input[type=checkbox]")];
  const add = () => {
    const ticked = boxes.filter((box) => box.checked);
    const cents = ticked.reduce((sum, box) => sum + Number(box.dataset.cents), Number(bar.dataset.elsewhereCents));
    const count = ticked.length + Number(bar.dataset.elsewhere);
    bar.querySelector("[data-count]").textContent = count;
    bar.toggleAttribute("data-some", count > 0);
    bar.querySelector("[data-total]").textContent = money.format(cents / 100);
  };
  boxes.forEach((box) => box.addEventListener("change", add));
  window.addEventListener("pageshow", add);
  add();
});
