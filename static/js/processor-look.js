/* The processor's fields in the colours of the page, by day and by night. */
window.processorLook = () => {
  "use strict";

  const css = getComputedStyle(document.documentElement);
  const read = (name) => css.getPropertyValue(name).trim();
  return {
    theme: window.matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "stripe",
    variables: {
      colorPrimary: read("--focus") || read("--text"), colorBackground: read("--surface"), colorText: read("--text"),
      colorTextSecondary: read("--muted"), colorDanger: read("--bad"), borderRadius: "10px", fontSizeBase: "16px",
    },
  };
};
