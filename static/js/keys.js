// The pool by keyboard: j k move, x selects, t and e go to the fields of the bulk bar, z takes back, ? explains.
// Never while something is being typed, and never together with another key (WCAG 2.1.4).
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const rows = () => [...document.querySelectorAll("#rows tbody tr")];
  const here = () => document.querySelector("#rows [data-at]")?.closest("tr") ?? document.activeElement.closest("#rows tbody tr");
  const box = (row) => row?.querySelector(".pick");

  const stand = (row) => {
    if (!row) return;
    document.querySelectorAll("[data-at]").forEach((el) => el.removeAttribute("data-at"));
    const name = row.querySelector(".who");
    name.dataset.at = "";
    name.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const move = (step) => {
    const all = rows();
    const at = all.indexOf(here());
    stand(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))]);
  };
  const select = (row) => {
    if (!box(row)) return;
    box(row).checked = !box(row).checked;
    box(row).dispatchEvent(new Event("change", { bubbles: true }));
  };
  // A field of the bulk bar, for whoever is ticked, or for the row one stands on.
  const enter = (id) => {
    if (!document.querySelector("#rows tbody .pick:checked")) select(here());
    if (document.querySelector("#rows tbody .pick:checked")) byId(id)?.focus();
  };
  const back = () => {
    const ticked = document.querySelector("#rows tbody .pick:checked")?.closest("tr");
    stand(here() ?? ticked ?? rows()[0]);
  };

  const shortcuts = {
    j: () => move(1),
    k: () => move(-1),
    x: () => select(here()),
    t: () => enter("bulk-tag"),
    e: () => enter("bulk-follow-up"),
    z: () => byId("undo-last")?.requestSubmit(),
    "?": () => byId("keys").showModal(),
  };
  const typing = (el) => el.matches("textarea, select, [contenteditable]") || (el.matches("input") && !el.matches("[type=checkbox], [type=radio]"));

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && event.target.closest(".bulkbar, .toolbar")) { event.preventDefault(); back(); return; }
    if (typing(event.target) || document.documentElement.dataset.keys === "off") return;
    const act = Object.hasOwn(shortcuts, event.key) && shortcuts[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  // After the rows were exchanged, the one the keys stood on is found again by whom it is about.
  let about;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => { if (detail.target.id === "list-body") about = box(here())?.value; });
  document.addEventListener("htmx:afterSettle", () => {
    const row = about && rows().find((each) => box(each)?.value === about);
    about = undefined;
    if (row && !document.activeElement.matches("input:not(.pick), textarea, select")) stand(row);
  });
})();
