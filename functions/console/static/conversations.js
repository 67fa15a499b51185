/* The agent's screen: looks for news while it is seen, keys, and what was on the screen when writing began.
   Everything but the news works without it. */
(() => {
  const EVERY = 3000;
  const live = document.querySelector("#live");
  const text = document.querySelector("#text");
  const seen = document.querySelector("#seen");
  const thread = () => document.querySelector("#thread");
  const toEnd = () => {
    const shown = thread();
    if (shown) shown.scrollTop = shown.scrollHeight;
  };
  const first = document.querySelector("#talk-new");
  if (first) first.scrollIntoView({ block: "center" });
  else toEnd();

  const look = () => {
    /* Not while a card is open: the news would close it. */
    if (document.visibilityState === "visible" && !document.querySelector(".drop[open]")) live.dispatchEvent(new Event("look"));
  };
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);

  /* An answer names what its writer saw when it was begun; until then, what the page shows now. */
  const writing = () => text !== null && text.value.trim() !== "";
  const note = () => {
    const shown = thread();
    if (!writing() && seen && shown) seen.value = shown.dataset.seen;
  };
  text?.addEventListener("input", note);

  let focused = null;
  let atEnd = true;
  document.addEventListener("htmx:before:swap", () => {
    focused = document.activeElement?.id ?? null;
    const shown = thread();
    atEnd = !shown || shown.scrollHeight - shown.scrollTop - shown.clientHeight < 80;
  });
  document.addEventListener("htmx:after:swap", () => {
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
    if (atEnd) toEnd();
    note();
    const shown = thread();
    const news = document.querySelector("#reply-news");
    if (shown?.dataset.news && writing() && news) {
      news.hidden = false;
      document.querySelector("#news").textContent = shown.dataset.news;
    }
  });

  /* A browser empties the form with the page. So an answer goes out beside it, and a refused one leaves the form as it
     is: only the reason and what came since are taken over. */
  const reply = document.querySelector("#reply");
  const problem = document.querySelector("#reply-problem");
  const complain = (words) => {
    const line = document.createElement("p");
    line.className = "notice bad small";
    line.setAttribute("role", "alert");
    line.textContent = words;
    problem.replaceChildren(line);
  };
  const take = async (said) => {
    const page = new DOMParser().parseFromString(await said.text(), "text/html");
    const reason = page.querySelector("#reply-problem");
    if (!reason?.firstElementChild) throw new Error(String(said.status));
    problem.replaceChildren(...reason.childNodes);
    const shown = page.querySelector("#thread");
    if (shown && thread()) thread().replaceWith(shown);
    seen.value = page.querySelector("#seen")?.value ?? seen.value;
    document.querySelector("#talk-new")?.scrollIntoView({ block: "center" });
  };
  const send = async (button) => {
    const body = new FormData(reply, button);
    try {
      const said = await fetch(reply.action, { method: "POST", body, redirect: "manual" });
      if (said.type === "opaqueredirect") {
        const talk = reply.action.replace(/\/answer(\?|$)/, "$1");
        const open = await fetch(talk, { redirect: "manual" }).catch(() => null);
        if (open?.type !== "opaqueredirect") { // without a session both redirect to the sign-in
          location.assign(talk);
          return;
        }
        complain(problem.dataset.signedOut);
      } else await take(said);
    } catch {
      complain(problem.dataset.unreached);
    }
    for (const one of reply.querySelectorAll("button")) one.disabled = false;
  };
  reply?.addEventListener("submit", (event) => {
    if (event.submitter?.name !== "as") return;
    event.preventDefault();
    const button = event.submitter;
    send(button);
    for (const one of reply.querySelectorAll("button")) one.disabled = true;
  });

  /* A canned answer goes where the cursor is; what was written stays. */
  const canned = document.querySelector("#canned");
  const choices = () => [...(canned?.querySelectorAll("a[data-text]") ?? [])];
  canned?.addEventListener("click", (event) => {
    const chosen = event.target.closest("a[data-text]");
    if (!chosen || !text) return;
    event.preventDefault();
    canned.open = false;
    document.querySelector("#canned-name").value = chosen.dataset.name;
    text.setRangeText(chosen.dataset.text, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input"));
    text.focus();
  });
  canned?.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const all = choices();
    all[(all.indexOf(document.activeElement) + by + all.length) % all.length]?.focus();
  });

  const on = document.querySelector("#keys-on");
  const KEY = "kervan-keys";
  on.checked = localStorage.getItem(KEY) !== "off";
  on.addEventListener("change", () => localStorage.setItem(KEY, on.checked ? "on" : "off"));
  const step = (by) => {
    const rows = [...document.querySelectorAll(".pool-row")];
    const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const next = rows[here < 0 ? 0 : here + by];
    if (next) location.assign(next.href);
  };
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll(".drop[open], .keys[open]")) if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const open of document.querySelectorAll(".drop[open], .keys[open]")) {
        open.open = false;
        open.querySelector("summary").focus();
      }
      if (event.target === text) thread()?.focus();
      return;
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === text) {
      event.preventDefault();
      document.querySelector("#send")?.click();
      return;
    }
    const typing = event.target.closest?.("input, textarea, select");
    if (!on.checked || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "r" && text) {
      event.preventDefault();
      text.focus();
    } else if (event.key === "/" && canned) {
      event.preventDefault();
      canned.open = true;
      choices()[0]?.focus();
    } else if (event.key === "a" || event.key === "e") document.querySelector(`[data-key="${event.key}"]`)?.click();
  });
})();
