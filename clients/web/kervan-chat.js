// Kervan's chat for a shop's page (docs/conversations.md#chat). No dependency; text is never read as HTML.
//
// <script src="kervan-chat.js" data-endpoint="https://..." data-key="WRITE_KEY" data-name="Kervan Moda" defer></script>
(() => {
  "use strict";
  const script = document.currentScript;
  const settings = (script && script.dataset) || {};
  const endpoint = (settings.endpoint || "").replace(/\/+$/, "");
  const STORED = "kervan-chat-token";
  const OPEN_MS = 4000;
  const CLOSED_MS = 30000;
  const LONGEST_MS = 120000;
  const TEXTS = {
    tr: {
      open: "Bize yazın", close: "Kapat", title: "Sohbet", hint: "Mesajınız", send: "Gönder",
      empty: "Merhaba! Nasıl yardımcı olabiliriz?", you: "Siz", fresh: "yeni mesaj",
      failed: "Gönderilemedi. Tekrar denemek için Gönder'e basın.", slow: "Çok hızlı yazdınız. Biraz sonra tekrar deneyin.",
    },
    en: {
      open: "Write to us", close: "Close", title: "Chat", hint: "Your message", send: "Send",
      empty: "Hello! How can we help?", you: "You", fresh: "new message",
      failed: "Not sent. Press Send to try again.", slow: "That was too fast. Try again in a moment.",
    },
  };
  const language = (settings.language || document.documentElement.lang || "tr").slice(0, 2).toLowerCase();
  const say = TEXTS[language] || TEXTS.en;
  const shop = settings.name || "Kervan";

  const STYLE = `
    :host { all: initial; position: fixed; inset-block-end: 16px; inset-inline-end: 16px; z-index: 2147483000;
      font: 16px/1.45 system-ui, sans-serif; color: #1c2024; }
    * { box-sizing: border-box; font: inherit; }
    button { min-height: 44px; min-width: 44px; border: 0; border-radius: 22px; padding: 0 18px; cursor: pointer;
      background: #12506b; color: #fff; }
    button:focus-visible, textarea:focus-visible, .log:focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
    button:disabled { background: #5b6770; cursor: default; }
    .count { margin-inline-start: 8px; background: #fff; color: #12506b; border-radius: 10px; padding: 0 7px; }
    .panel { position: fixed; inset-block-end: 16px; inset-inline-end: 16px; display: flex; flex-direction: column;
      width: min(360px, calc(100vw - 32px)); height: min(520px, calc(100vh - 32px)); background: #fff;
      border: 1px solid #8a949c; border-radius: 12px; overflow: hidden; }
    [hidden] { display: none !important; }
    header { display: flex; align-items: center; justify-content: space-between; padding: 6px 6px 6px 14px;
      background: #12506b; color: #fff; }
    h2 { margin: 0; font-weight: 600; }
    .log { flex: 1; overflow-y: auto; padding: 12px; }
    ul { list-style: none; margin: 0; padding: 0; }
    .log li { margin: 0 0 10px; padding: 8px 12px; border-radius: 12px; max-width: 85%; width: fit-content;
      white-space: pre-wrap; overflow-wrap: anywhere; background: #e8edf0; }
    .log li.visitor { margin-inline-start: auto; background: #d6ecf5; }
    .who { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    form { display: flex; flex-wrap: wrap; gap: 8px; padding: 10px; border-top: 1px solid #c8d0d5; }
    label { width: 100%; font-size: 14px; }
    textarea { flex: 1; min-width: 0; min-height: 44px; max-height: 120px; padding: 9px; border: 1px solid #6b767e;
      border-radius: 8px; resize: none; background: #fff; color: inherit; }
    .error { width: 100%; margin: 0; color: #9b1c1c; font-size: 14px; }
    @media (prefers-color-scheme: dark) {
      :host { color: #eef1f3; } .panel, textarea { background: #1c2024; } .log li { background: #333b42; }
      .log li.visitor { background: #12506b; } .error { color: #ffb4ab; } form { border-color: #4a545c; }
    }`;

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  const stored = {
    get() { try { return localStorage.getItem(STORED) || ""; } catch { return ""; } },
    set(value) { try { value ? localStorage.setItem(STORED, value) : localStorage.removeItem(STORED); } catch { /* private mode */ } },
  };
  const newId = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`);

  let token = stored.get();
  let customerToken = settings.customerToken || "";
  let after = "";
  let unread = 0;
  let waiting = null; // what was not taken yet: sent again, it has the same id
  let timer = 0;
  let pause = 0;
  const shown = new Set();

  const host = element("div", { lang: TEXTS[language] ? language : "en" });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // a page whose policy forbids inline styles takes it
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const count = element("span", { class: "count", hidden: "" });
  const opener = element("button", { type: "button", "aria-expanded": "false", "aria-controls": "panel" }, say.open, count);
  const greeting = element("li", { class: "shop" }, say.empty);
  const list = element("ul", {}, greeting);
  const log = element("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": say.title, tabindex: "0" }, list);
  const closer = element("button", { type: "button", "aria-label": say.close }, "✕");
  const input = element("textarea", { id: "text", rows: "1", maxlength: "4000", required: "" });
  const error = element("p", { class: "error", role: "alert", hidden: "" });
  const send = element("button", { type: "submit" }, say.send);
  const form = element("form", {}, element("label", { for: "text" }, say.hint), input, send, error);
  const panel = element(
    "section", { id: "panel", class: "panel", role: "dialog", "aria-label": `${say.title}: ${shop}`, hidden: "" },
    element("header", {}, element("h2", {}, shop), closer), log, form,
  );
  root.append(opener, panel);

  const isOpen = () => !panel.hidden;

  function tellUnread() {
    count.hidden = unread === 0;
    count.textContent = unread ? String(unread) : "";
    if (unread) count.append(element("span", { class: "who" }, ` ${say.fresh}`));
  }

  function toggle(open) {
    panel.hidden = !open;
    opener.hidden = open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) {
      unread = 0;
      tellUnread();
      input.focus();
      log.scrollTop = log.scrollHeight;
    } else {
      opener.focus();
    }
    schedule(0);
  }

  function show(item) {
    if (shown.has(item.id)) return;
    shown.add(item.id);
    greeting.hidden = true;
    const mine = item.from === "visitor";
    const who = element("span", { class: "who" }, `${mine ? say.you : shop}: `);
    list.append(element("li", { class: mine ? "visitor" : "shop" }, who, document.createTextNode(item.text)));
    log.scrollTop = log.scrollHeight;
    if (!mine && !isOpen()) {
      unread += 1;
      tellUnread();
    }
  }

  function complain(text) {
    error.hidden = !text;
    error.textContent = text;
  }

  async function ask() {
    const query = after ? `?after=${encodeURIComponent(after)}` : "";
    const answer = await fetch(`${endpoint}/v1/chat${query}`, { headers: { authorization: `Bearer ${token}` } });
    if (answer.status === 401) { // too old, or of a deployment that is gone: the next message begins anew
      token = after = "";
      stored.set("");
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const said = await answer.json();
    after = said.after;
    said.items.forEach(show);
  }

  function schedule(ms) {
    clearTimeout(timer);
    timer = setTimeout(poll, ms);
  }

  async function poll() {
    if (document.hidden) return; // asked again when the page is looked at
    try {
      if (token) await ask();
      pause = 0;
    } catch {
      pause = Math.min(LONGEST_MS, Math.max(OPEN_MS, pause * 2));
    }
    if (token) schedule(Math.max(pause, isOpen() ? OPEN_MS : CLOSED_MS));
  }

  async function write(text) {
    if (!waiting || waiting.text !== text) waiting = { id: newId(), text };
    const body = { ...waiting };
    if (customerToken) body.customer_token = customerToken;
    else if (token) body.token = token;
    const answer = await fetch(`${endpoint}/v1/chat`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Basic ${btoa(`${settings.key || ""}:`)}` },
      body: JSON.stringify(body),
    });
    if (answer.status === 401 && token && !customerToken) {
      token = after = "";
      stored.set("");
    }
    if (!answer.ok) throw new Error(String(answer.status));
    token = (await answer.json()).token;
    stored.set(token);
    waiting = null;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text || send.disabled) return;
    send.disabled = true;
    complain("");
    try {
      await write(text);
      input.value = "";
      schedule(0);
    } catch (problem) {
      complain(problem.message === "429" ? say.slow : say.failed);
    } finally {
      send.disabled = false;
      input.focus();
    }
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) toggle(false);
  });
  opener.addEventListener("click", () => toggle(true));
  closer.addEventListener("click", () => toggle(false));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) schedule(0); });

  window.KervanChat = {
    open: () => toggle(true),
    close: () => toggle(false),
    /** The token that the shop's server signed for its visitor; "" when he signs out: the chat is forgotten. */
    identify(signed) {
      customerToken = signed || "";
      token = after = "";
      stored.set("");
      shown.clear();
      list.replaceChildren(greeting);
      greeting.hidden = false;
    },
  };
  document.body.append(host);
  schedule(0);
})();
