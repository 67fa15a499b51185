// Asks for push messages and reports the subscription to Kervan as the device's push token.
// Call it from a click: browsers ask for the permission only then.
//
//   const answer = await kervanPush({ endpoint: "https://...", writeKey: "...", userId: "42" });
//   answer: "subscribed", "denied" or "unsupported"
"use strict";

async function kervanPush({ endpoint, writeKey, userId, anonymousId, worker = "/kervan-push-sw.js" }) {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return "unsupported";
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  await navigator.serviceWorker.register(worker);
  const registration = await navigator.serviceWorker.ready;
  const key = bytes((await json(await fetch(endpoint + "/v1/push/key"))).public_key);
  let subscription = await registration.pushManager.getSubscription();
  if (subscription && !same(subscription.options.applicationServerKey, key)) {
    await subscription.unsubscribe(); // it belongs to an earlier key, and would be refused
    subscription = null;
  }
  subscription = subscription || (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  const { endpoint: address, keys } = subscription.toJSON();
  await json(
    await fetch(endpoint + "/v1/identify", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Basic " + btoa(writeKey + ":") },
      body: JSON.stringify({
        userId,
        anonymousId,
        context: { device: { type: "web", token: JSON.stringify({ endpoint: address, keys }) } },
      }),
    }),
  );
  return "subscribed";

  async function json(answer) {
    if (!answer.ok) throw new Error("Kervan answered " + answer.status);
    return answer.json();
  }

  function bytes(text) {
    const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  }

  function same(buffer, wanted) {
    const found = new Uint8Array(buffer || new ArrayBuffer(0));
    return found.length === wanted.length && found.every((one, place) => one === wanted[place]);
  }
}
