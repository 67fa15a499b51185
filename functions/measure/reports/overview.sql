/*
title: {tr: Genel bakış, en: Overview}
description:
  tr: Siparişler, ciro, müşteriler ve iletiler; cironun hangi akıştan ve kampanyadan geldiği.
  en: Orders, revenue, customers and messages, and which journeys and campaigns revenue came from.
parameters: [from, to, segment, compare]
tables:
  - name: totals
    title: {tr: Toplamlar, en: Totals}
    columns:
      orders: {kind: count, tr: Sipariş, en: Orders, means: orders that count}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: their totals minus refunds}
      average: {kind: money, tr: Sepet ortalaması, en: Average order, means: revenue of an order}
      other_currency: {kind: count, tr: Başka para biriminde, en: In another currency, means: orders in another currency; they give no revenue}
      customers: {kind: count, tr: Alışveriş yapan, en: Customers who ordered, means: customers with an order in these days}
      customers_new: {kind: count, tr: Yeni, en: New, means: those whose first order it was}
      customers_returning: {kind: count, tr: Yeniden gelen, en: Returning, means: those who had ordered before these days}
      messages: {kind: count, tr: Gönderilen ileti, en: Messages sent, means: messages planned in these days and sent}
      reached: {kind: count, tr: Ulaşılan müşteri, en: Customers reached, means: customers who got one of them}
      open_rate: {kind: share, tr: Açılma, en: Opened, means: "opened by a person, of sent e-mails"}
      click_rate: {kind: share, tr: Tıklama, en: Clicked, means: "clicked by a person, of sent messages"}
      conversion_rate: {kind: share, tr: Siparişe dönme, en: Converted, means: "the last touch of an order, of sent messages"}
      unsubscribe_rate: {kind: share, tr: Ayrılma, en: Unsubscribed, means: "recipients who unsubscribed through it, of sent messages"}
      bounce_rate: {kind: share, tr: Geri dönme, en: Bounced, means: "bounced or refused, of sent messages"}
      cost: {kind: money, tr: İletilerin maliyeti, en: Cost of messages, means: "what they cost, by the shop's own prices; empty if it gave none"}
      credited_orders: {kind: count, tr: İletiden gelen sipariş, en: Orders after a message, means: orders with a message as their last touch}
      credited_revenue: {kind: money, tr: İletiden gelen ciro, en: Revenue after a message, means: their revenue}
      credited_share: {kind: share, tr: Cirodaki payı, en: Share of revenue, means: their part of all revenue}
  - name: days
    title: {tr: Günlere göre, en: By day}
    key: [day]
    chart: {kind: lines, x: day, y: [revenue]}
    columns:
      day: {kind: date, tr: Gün, en: Day, means: local day}
      orders: {kind: count, tr: Sipariş, en: Orders, means: orders that count}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: their totals minus refunds}
      messages: {kind: count, tr: İleti, en: Messages, means: messages planned on this day and sent}
  - name: origins
    title: {tr: Ciro nereden geldi, en: Where revenue came from}
    key: [kind, name]
    chart: {kind: bars, x: name, y: [revenue]}
    columns:
      kind: {kind: text, tr: Tür, en: Kind, means: "journey, campaign, or none: no message was the last touch"}
      name: {kind: text, tr: Ad, en: Name, means: name of the journey or campaign}
      orders: {kind: count, tr: Sipariş, en: Orders, means: orders with one of its messages as their last touch}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: their revenue}
      share: {kind: share, tr: Pay, en: Share, means: of all revenue}
*/
-- shared: sent_messages
-- A day begins at a quarter of an hour in every time zone, so local days are computed of quarters.
SELECT
  person, channel, planned_at // 900000 AS quarter, opened, clicked, message_facts.orders > 0 AS converted, unsubscribed,
  bounced, cost
FROM message_facts WHERE state = 'sent' AND planned_at >= from_ms() AND planned_at < to_ms();

-- table: totals
WITH ordered AS (
  SELECT
    count(*) AS orders, coalesce(sum(revenue), 0) AS revenue,
    count(*) FILTER (WHERE foreign_currency) AS other_currency,
    count(DISTINCT person) AS customers
  FROM counted_orders WHERE "at" >= from_ms() AND "at" < to_ms()
), began AS (
  SELECT count(*) AS customers_new FROM (SELECT person, min("at") AS "at" FROM counted_orders GROUP BY person) AS firsts
  WHERE "at" >= from_ms() AND "at" < to_ms()
), sent AS (
  SELECT
    count(*) AS messages, count(DISTINCT person) AS reached,
    count(*) FILTER (WHERE channel = 'email') AS emails,
    count(*) FILTER (WHERE opened AND channel = 'email') AS opened, count(*) FILTER (WHERE clicked) AS clicked,
    count(*) FILTER (WHERE converted) AS converted, count(*) FILTER (WHERE unsubscribed) AS unsubscribed,
    count(*) FILTER (WHERE bounced) AS bounced, sum(cost) AS cost
  FROM sent_messages
), credit AS (
  SELECT count(*) AS credited_orders, coalesce(sum(revenue), 0) AS credited_revenue
  FROM credited WHERE "at" >= from_ms() AND "at" < to_ms()
)
SELECT
  *, revenue / nullif(orders - other_currency, 0) AS average, customers - customers_new AS customers_returning,
  opened / nullif(emails, 0) AS open_rate, clicked / nullif(messages, 0) AS click_rate,
  converted / nullif(messages, 0) AS conversion_rate, unsubscribed / nullif(messages, 0) AS unsubscribe_rate,
  bounced / nullif(messages, 0) AS bounce_rate,
  credited_revenue / nullif(revenue, 0) AS credited_share
FROM ordered, began, sent, credit;

-- table: days
WITH days AS (
  SELECT date_of(n) AS day FROM (
    SELECT unnest(generate_series(day_of(local_time(from_ms())), day_of(local_time(to_ms())) - 1)) AS n FROM asked
  )
), ordered AS (
  SELECT CAST(local_time(quarter * 900000) AS DATE) AS day, sum(orders) AS orders, sum(revenue) AS revenue
  FROM (
    SELECT "at" // 900000 AS quarter, count(*) AS orders, sum(revenue) AS revenue
    FROM counted_orders WHERE "at" >= from_ms() AND "at" < to_ms() GROUP BY 1
  ) GROUP BY 1
), sent AS (
  SELECT CAST(local_time(quarter * 900000) AS DATE) AS day, sum(messages) AS messages
  FROM (SELECT quarter, count(*) AS messages FROM sent_messages GROUP BY quarter) GROUP BY 1
)
SELECT day, coalesce(orders, 0) AS orders, coalesce(revenue, 0) AS revenue, coalesce(messages, 0) AS messages
FROM days LEFT JOIN ordered USING (day) LEFT JOIN sent USING (day) ORDER BY day;

-- table: origins
WITH found AS (
  SELECT
    CASE WHEN messages.id IS NULL THEN 'none' WHEN campaign <> '' THEN 'campaign' ELSE 'journey' END AS kind,
    CASE WHEN messages.id IS NULL THEN '' WHEN campaign <> '' THEN campaign ELSE journey END AS name,
    bought.revenue
  FROM bought
  LEFT JOIN credited USING (person, order_key) LEFT JOIN messages USING (id)
  WHERE bought."at" >= from_ms() AND bought."at" < to_ms()
)
SELECT kind, name, count(*) AS orders, sum(revenue) AS revenue, sum(revenue) / nullif(sum(sum(revenue)) OVER (), 0) AS share
FROM found GROUP BY kind, name ORDER BY revenue DESC, kind, name;
