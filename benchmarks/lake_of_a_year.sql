-- What lies in the tables of a made-up lake. Variables: customers, decisions, messages, visits, orders, start (ms), span (ms).
-- table: macros
CREATE MACRO customer(n) AS 'u.' || substr(md5(CAST(n % getvariable('customers') AS VARCHAR)), 1, 22);
CREATE MACRO instant(n) AS CAST(getvariable('start') + (n * 7919 % (getvariable('span') // 1000)) * 1000 AS BIGINT);
CREATE MACRO message(n) AS 'm' || lpad(CAST(n % getvariable('messages') AS VARCHAR), 25, 'a');
CREATE MACRO receiver(n) AS customer(n % getvariable('messages') * 31);
CREATE MACRO planned(n) AS instant(n % getvariable('messages'));

-- table: events
SELECT
  receiver(n) AS home, 'a' || n AS event, receiver(n) AS root, planned(n) + n * 104729 % 259200000 AS "at",
  planned(n) + 259200000 AS received_at, 'track' AS type,
  ['Email Delivered', 'Email Opened', 'Email Link Clicked', 'SMS Delivered', 'Push Notification Received'][1 + n * 31 // 7 % 5] AS name,
  'kervan' AS source, 'email' AS channel, message(n) AS message_id, n // 3 % 4 = 0 AS machine
FROM range(2 * getvariable('messages')) AS made(n)
UNION ALL BY NAME
SELECT
  customer(n * 17) AS home, 'v' || n AS event, customer(n * 17) AS root, instant(n) AS "at", instant(n) + 2000 AS received_at,
  'track' AS type,
  ['Product Viewed', 'Product Viewed', 'Product Viewed', 'Product Added', 'Checkout Started'][1 + n * 31 // 7 % 5] AS name,
  'web-shop' AS source, ['web', 'mobile'][1 + n % 2] AS channel, ['desktop', 'ios', 'android'][1 + n % 3] AS device,
  'p' || n % 500 AS product_id, 'shoes' AS category, CAST(n % 900 AS DECIMAL(18, 2)) AS price
FROM range(getvariable('visits')) AS made(n);

-- table: orders
SELECT
  customer(n * 13) AS home, 'o' || n AS order_id, customer(n * 13) AS root, n AS version, instant(n) AS decided_at,
  instant(n) AS ordered_at, 'completed' AS state, ['web', 'mobile', 'store'][1 + n % 3] AS channel,
  CAST(50 + n % 900 AS DECIMAL(18, 2)) AS total, CAST(0 AS DECIMAL(18, 2)) AS refunded, 'TRY' AS currency
FROM range(getvariable('orders')) AS made(n);

-- table: outcomes
SELECT
  'message' AS kind, message(n) AS id, 1 AS version, planned(n) AS day_at, planned(n) AS changed_at, receiver(n) AS home,
  receiver(n) AS root, ['cart-recovery', 'win-back', 'welcome'][1 + n % 3] AS journey, 'e' || n AS enrollment,
  ['first', 'second'][1 + n % 2] AS step, 'reminder' AS template, ['email', 'email', 'sms', 'push'][1 + n % 4] AS channel,
  'marketing' AS purpose, CASE WHEN n % 12 = 0 THEN 'skipped' ELSE 'sent' END AS state,
  CASE WHEN n % 12 = 0 THEN 'daily_cap' END AS reason, planned(n) AS planned_at, planned(n) AS ended_at
FROM range(getvariable('messages')) AS made(n);

-- table: customers
SELECT
  customer(n) AS root, n AS version, instant(n) AS "at", 'live' AS state, [customer(n)] AS members, 2 AS orders,
  CAST(100 AS DECIMAL(18, 2)) AS revenue, MAP {'new': instant(n)} AS segments, ['email', 'push'] AS reachable
FROM range(getvariable('decisions')) AS made(n);
