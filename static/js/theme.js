// Runs before the first paint, so that a chosen look does not flash. The choice of light or dark is all that is remembered here.
(() => {
  const theme = localStorage.getItem("relay-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
