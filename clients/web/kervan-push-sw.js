// The service worker of Kervan's web push: shows what arrives, and opens its link.
// Serve it from the shop's own host, at the top (/kervan-push-sw.js), or import it into a worker that is there already:
//   importScripts("/kervan-push-sw.js");
"use strict";

self.addEventListener("push", (event) => {
  event.waitUntil(show(read(event.data)));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data && event.notification.data.url));
});

function read(data) {
  try {
    return (data && data.json()) || {};
  } catch (broken) {
    return {};
  }
}

function show(said) {
  // A browser takes the permission away from a worker that shows nothing: so there is always a title.
  const title = typeof said.title === "string" && said.title ? said.title : self.location.hostname;
  const options = { body: text(said.body), data: { url: text(said.url), message: text(said.message) } };
  if (text(said.image).startsWith("https://")) options.image = said.image;
  if (text(said.tag)) {
    options.tag = said.tag; // the newer one takes the older one's place
    options.renotify = true;
  }
  const shown = self.registration.showNotification(title, options);
  const badge = Number.isInteger(said.badge) && "setAppBadge" in self.navigator;
  return badge ? Promise.all([shown, self.navigator.setAppBadge(said.badge).catch(() => undefined)]) : shown;
}

function open(url) {
  if (!url) return self.clients.openWindow(self.registration.scope); // an agent's answer leads to the shop
  return /^https?:\/\//.test(url) ? self.clients.openWindow(url) : undefined;
}

function text(value) {
  return typeof value === "string" ? value : "";
}
