// Sends one user's events with the unmodified @segment/analytics-node: node node.mjs ENDPOINT WRITE_KEY USER
import { Analytics } from "@segment/analytics-node";

const [endpoint, writeKey, userId] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host: endpoint, flushAt: 20 });
const failed = [];
analytics.on("error", (error) => failed.push(error));
analytics.identify({ userId, traits: { email: `${userId}@example.com` } });
analytics.track({ userId, event: "Product Viewed", properties: { product_id: "p1" } });
analytics.page({ userId, name: "home" });
await analytics.closeAndFlush({ timeout: 20000 });
if (failed.length) {
  console.error(JSON.stringify(failed));
  process.exit(1);
}
