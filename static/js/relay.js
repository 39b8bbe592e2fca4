// What HTML cannot do by itself. Every page works without this file; nothing is kept but the chosen theme.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (name, act) => document.addEventListener(name, act);
  const unhide = (root) => all("[data-themes], [data-reveal], [data-close], [data-clear], [data-copy], [data-print]", root).forEach((el) => { el.hidden = false; });

  // Rows ticked in a list: the box in the head, the count, and letting go of all.
  const count = (list) => {
    const boxes = all("tbody .pick", list);
    const ticked = boxes.filter((box) => box.checked).length;
    all("thead .pick", list).forEach((head) => {
      head.checked = ticked > 0 && ticked === boxes.length;
      head.indeterminate = ticked > 0 && ticked < boxes.length;
    });
    // Where everybody is meant who fits, those of the page who are unticked are left out; others are ticked on other pages.
    all("[data-count]", list).forEach((el) => {
      const others = el.dataset.count ? Number(el.dataset.count) - boxes.length : Number(el.dataset.elsewhere ?? 0);
      el.textContent = (others + ticked).toLocaleString("ja");
    });
    keepTicks(list);
  };
  const tick = (list, value) => { all("tbody .pick", list).forEach((box) => { box.checked = value; }); count(list); };

  // Ticks that survive a search, a page and the way back stand in the address: ids in order, each as the distance from
  // the one before it, in base 36 (relay/portal/results/ticks.py).
  let ticks;
  const readTicks = (text) => {
    let last = 0;
    return text ? text.split(".").map((part) => (last += parseInt(part, 36))) : [];
  };
  const writeTicks = (ids) => {
    const ordered = [...new Set(ids)].sort((a, b) => a - b).slice(0, 500);
    return ordered.map((id, place) => (id - (ordered[place - 1] ?? 0)).toString(36)).join(".");
  };
  const withTicks = (address) => {
    const url = new URL(address, location.href);
    if (ticks) url.searchParams.set("ticks", ticks);
    else url.searchParams.delete("ticks");
    return url.pathname + url.search;
  };
  const keepTicks = (list) => {
    const body = list.querySelector("[data-ticks]");
    if (!body?.querySelector("tbody .pick")) return;
    const others = body.querySelector("input[name=ticks]")?.value ?? "";
    ticks = writeTicks([...readTicks(others), ...all("tbody .pick:checked", body).map((box) => Number(box.value))]);
    if (!body.querySelector("input[name=all]")) history.replaceState(history.state, "", withTicks(location.href));
  };

  // With shift, all rows between the last one ticked and this one become alike.
  let from;
  const tickTo = (box, shift) => {
    const boxes = all("tbody .pick", box.closest(".list"));
    const [start, end] = [boxes.indexOf(from), boxes.indexOf(box)].sort((a, b) => a - b);
    if (shift && start >= 0) boxes.slice(start, end + 1).forEach((each) => { each.checked = box.checked; });
    from = box;
    count(box.closest(".list"));
  };

  // A toast leaves after six seconds, one that takes back after twenty, and never under the pointer or the focus.
  const fade = (toast) => setTimeout(
    () => (toast.matches(":hover, :focus-within") ? fade(toast) : toast.remove()),
    toast.querySelector("[data-undo]") ? 20000 : 6000,
  );

  // The queue bar counts down. A moment after zero it says so ("due"), again after each answer that is still waiting.
  const countdown = (el) => {
    const until = Date.parse(el.dataset.countdownUntil);
    const show = () => {
      const left = Math.max(0, Math.round((until - Date.now()) / 1000));
      const two = (number) => String(number).padStart(2, "0");
      const hours = Math.floor(left / 3600);
      const minutes = Math.floor(left / 60) % 60;
      el.textContent = hours ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
      if (!left || !el.isConnected) clearInterval(timer);
      if (!left) setTimeout(() => el.dispatchEvent(new CustomEvent("due", { bubbles: true })), 3000);
    };
    const timer = setInterval(show, 1000);
    show();
  };

  // The text of a field into the clipboard; where a browser keeps that shut, it lies selected for the keys.
  const copyAll = async (button) => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    const done = await (navigator.clipboard?.writeText(field.value).then(() => true, () => false)) || document.execCommand("copy");
    if (done) document.getElementById("live").textContent = button.textContent = button.dataset.copied;
  };

  const prepare = (root) => {
    unhide(root);
    all(".list", root).concat(root.closest?.(".list") ?? []).forEach(count);
    all("[data-toast]:not([data-seen])").forEach((toast) => { toast.dataset.seen = ""; unhide(toast); fade(toast); });
    all("[data-countdown-until]:not([data-seen])").forEach((el) => { el.dataset.seen = ""; countdown(el); });
    const heard = root.querySelector?.("[data-live]");
    if (heard) document.getElementById("live").textContent = heard.dataset.live || heard.textContent;
    const chosen = document.documentElement.dataset.theme ?? "";
    all("[data-set-theme]", root).forEach((el) => el.setAttribute("aria-pressed", el.dataset.setTheme === chosen));
  };

  // Where the server keeps what is typed, loading the answer again asks for it: an older form must not be sent over it.
  if (document.querySelector("[data-kept]")) history.replaceState(history.state, "", location.href);

  const unsent = new Set();
  on("input", ({ target }) => target.form?.hasAttribute("data-guard") && unsent.add(target.form));
  on("submit", ({ target, submitter }) => {
    unsent.delete(target);
    if (!submitter || target.method === "dialog" || target.matches("[hx-get], [hx-post]")) return;
    submitter.setAttribute("aria-busy", "true");
    setTimeout(() => submitter.removeAttribute("aria-busy"), 10000);
  });
  addEventListener("pageshow", () => all(".btn[aria-busy]").forEach((button) => button.removeAttribute("aria-busy")));
  addEventListener("beforeunload", (event) => { if ([...unsent].some((form) => form.isConnected)) event.preventDefault(); });

  on("change", ({ target }) => {
    const list = target.closest(".list");
    if (list && target.matches("thead .pick")) tick(list, target.checked);
    else if (list && target.matches("tbody .pick")) count(list);
    const form = target.closest("form[data-auto]");
    if (form && !form.matches("[hx-get], [hx-post]")) form.requestSubmit();
  });

  // A button that sends what a list has ticked goes where it says by itself; htmx, which shows the list anew, stays out.
  document.addEventListener("submit", (event) => { if (event.submitter?.matches("[data-plain]")) event.stopPropagation(); }, true);

  on("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    if (hit(".list tbody .pick")) tickTo(hit(".pick"), event.shiftKey);
    const link = hit("[data-ticks] .applied a, [data-ticks] .sort");
    if (link) link.href = withTicks(link.href);
    if (hit("[data-clear]")) tick(hit(".list"), false);
    if (hit("[data-close]")) hit("[data-toast], dialog")?.remove();
    const opener = hit("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) { event.preventDefault(); dialog.showModal(); }
    const copy = hit("[data-copy]");
    if (copy) copyAll(copy);
    if (hit("[data-print]")) print();
    const reveal = hit("[data-reveal]");
    if (reveal) {
      const input = document.getElementById(reveal.dataset.reveal);
      input.type = input.type === "password" ? "text" : "password";
      reveal.setAttribute("aria-pressed", input.type === "text");
    }
    const theme = hit("[data-set-theme]");
    if (theme) {
      const { setTheme } = theme.dataset;
      if (setTheme) { localStorage.setItem("relay-theme", setTheme); document.documentElement.dataset.theme = setTheme; }
      else { localStorage.removeItem("relay-theme"); delete document.documentElement.dataset.theme; }
      prepare(document);
    }
  });

  on("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) event.target.closest("[data-escape]")?.querySelector("[data-escape-to]")?.click();
    if (document.documentElement.dataset.keys === "off") return;
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select")) return;
    const search = document.querySelector("input[type=search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  });

  // Files dropped on the field land in the plain file input underneath.
  ["dragover", "dragleave", "drop"].forEach((name) => on(name, (event) => {
    const drop = event.target.closest?.("[data-drop]");
    if (!drop) return;
    event.preventDefault();
    drop.toggleAttribute("data-over", name === "dragover");
    const input = drop.querySelector("input[type=file]");
    if (name === "drop" && event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }));

  // htmx: busy while waiting, focus where the answer says, and words above a target that keeps its content when nothing came.
  const template = (name) => (document.getElementById(`say-${name}`) ?? document.getElementById("say-failed")).content.firstElementChild;
  const say = (words, target) => {
    document.getElementById("trouble")?.remove();
    const notice = document.importNode(words, true);
    notice.id = "trouble";
    const place = target.querySelector("[data-say]") ?? target.closest(".scroll, .panel, form") ?? target;
    if (place.parentElement.matches(".cols")) place.prepend(notice);  // a further child would be a column of its own
    else place.before(notice);
  };
  on("htmx:configRequest", ({ detail }) => { if (detail.elt.matches("[data-ticks] a")) detail.path = withTicks(detail.path); });
  on("htmx:beforeRequest", ({ detail }) => detail.target.setAttribute("aria-busy", "true"));
  on("htmx:afterRequest", ({ detail }) => {
    detail.target.removeAttribute("aria-busy");
    if (detail.xhr.status > 0 && detail.xhr.status < 400) { document.getElementById("trouble")?.remove(); unsent.delete(detail.elt); }
  });
  const refusal = (xhr) => xhr.status >= 400 && new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-trouble]");
  on("htmx:beforeSwap", ({ detail }) => {
    const words = refusal(detail.xhr);
    if (words) { detail.shouldSwap = false; say(words, detail.target); }
  });
  on("htmx:responseError", ({ detail }) => {
    const signin = detail.xhr.status === 401;
    if (signin) { awaitLogin(); refreshToken(); }
    if (signin || !refusal(detail.xhr)) say(template(signin ? "signin" : "failed"), detail.target);
  });
  on("htmx:sendError", ({ detail }) => say(template("offline"), detail.target));
  on("htmx:timeout", ({ detail }) => say(template("offline"), detail.target));
  on("htmx:afterSettle", ({ detail }) => { prepare(detail.elt); detail.elt.querySelector("[data-focus]")?.focus(); });

  // Something was taken back: a list asks for its rows anew, one question after the other; any other page is loaded again.
  on("people-changed", () => {
    const rows = document.querySelector("[data-again]");
    if (!rows) { location.reload(); return; }
    htmx.ajax("GET", rows.dataset.again, { source: rows.parentElement, target: `#${rows.id}`, swap: "outerHTML" });
  });

  // Signed in again in another tab: the waiting form needs the new session's token.
  const refreshToken = async () => {
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok || new URL(answer.url).pathname !== location.pathname) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("input[name=csrf_token]")?.value;
    if (!token) return;
    ["focus", "visibilitychange"].forEach((name) => removeEventListener(name, refreshToken));
    all("input[name=csrf_token]").forEach((input) => { input.value = token; });
    all("[hx-headers]").forEach((el) => el.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token })));
  };

  const awaitLogin = () => ["focus", "visibilitychange"].forEach((name) => addEventListener(name, refreshToken));

  // Before a session ends by itself the server says how long it still has; another tab may have kept it. Then one key keeps it.
  const idle = document.getElementById("idle");
  const ahead = 120;
  let asking;
  const askIn = (seconds) => { clearTimeout(asking); asking = setTimeout(askLeft, Math.max(0, seconds) * 1000); };
  const askLeft = async () => {
    const answer = await fetch(idle.dataset.idleLeft, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) {
      if (answer?.status !== 401) { askIn(30); return; }
      idle.close();
      awaitLogin();
      say(template("signin"), document.getElementById("main").firstElementChild);
      return;
    }
    const { seconds, may_stay: mayStay } = await answer.json();
    if (seconds > ahead) { idle.close(); askIn(seconds - ahead); return; }
    all("[data-idle-kept]", idle).forEach((el) => { el.hidden = !mayStay; });
    all("[data-idle-over]", idle).forEach((el) => { el.hidden = mayStay; });
    if (!idle.open) idle.showModal();
    askIn(seconds + 1);
  };
  idle?.addEventListener("htmx:afterRequest", askLeft);
  if (idle) askIn(Number(idle.dataset.idle) - ahead);

  prepare(document);
})();
