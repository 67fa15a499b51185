/*
title: {tr: Kanallar birlikte, en: Channels together}
description:
  tr: Müşteriler bu günlerde hangi kanallardan ileti aldı ve ne kadar sipariş verdi. İkinci kanalın farkı bir gözlemdir, kanıt değildir.
  en: By which channels customers got messages in these days, and what they ordered. The lift of a second channel is an observation, not a proof.
parameters: [from, to, segment, compare]
tables:
  - name: combinations
    title: {tr: Kanal bileşimleri, en: Combinations of channels}
    key: [channels]
    chart: {kind: bars, x: channels, y: [rate]}
    columns:
      channels: {kind: text, tr: Kanallar, en: Channels, means: the channels on which a customer got a message; none for nobody of whom we have no sent message}
      customers: {kind: count, tr: Müşteri, en: Customers, means: live customers with exactly these channels}
      ordering: {kind: count, tr: Sipariş veren, en: Customers who ordered, means: those with an order in these days}
      rate: {kind: share, tr: Sipariş oranı, en: Order rate, means: ordering of customers}
      orders: {kind: count, tr: Sipariş, en: Orders, means: their orders in these days}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: revenue of these orders}
      revenue_each: {kind: money, tr: Müşteri başına ciro, en: Revenue per customer, means: revenue of a customer}
  - name: lift
    title: {tr: İkinci kanalın farkı (gözlem), en: Lift of a second channel (observation)}
    key: [pair]
    finish: lift
    columns:
      pair: {kind: text, tr: İlk + ikinci, en: First + second, means: the first channel and the one that came on top}
      both: {kind: count, tr: İkisi, en: Both, means: customers with messages on both who could be matched}
      alone: {kind: count, tr: Yalnız ilki, en: First alone, means: customers with the first and not the second who could be matched}
      rate_both: {kind: share, tr: İkisiyle oran, en: Order rate of both, means: share with an order in these days}
      rate_alone: {kind: share, tr: Yalnız ilkiyle oran, en: Order rate of the first alone, means: "the same of those compared with, weighted as the others are spread over strata"}
      difference: {kind: share, tr: Fark, en: Difference, means: difference of the rates}
      low: {kind: share, tr: En az, en: From, means: lower end of its 95% interval}
      high: {kind: share, tr: En çok, en: To, means: upper end of its 95% interval}
      revenue_difference: {kind: money, tr: Ciro farkı, en: Difference in revenue, means: difference in revenue per customer}
      revenue_low: {kind: money, tr: En az, en: From, means: lower end of its 95% interval}
      revenue_high: {kind: money, tr: En çok, en: To, means: upper end of its 95% interval}
*/
-- table: combinations
WITH reached AS (
  SELECT person, string_agg(DISTINCT channel, ' + ' ORDER BY channel) AS channels
  FROM messages, asked WHERE state = 'sent' AND planned_at >= from_ms AND planned_at < to_ms GROUP BY person
), everybody AS (
  SELECT person FROM reached
  UNION SELECT root FROM customers, asked WHERE state = 'live' AND (segment = '' OR map_contains(segments, segment))
), spent AS (
  SELECT person, count(*) AS orders, sum(revenue) AS revenue
  FROM bought, asked WHERE "at" >= from_ms AND "at" < to_ms GROUP BY person
)
SELECT
  coalesce(channels, 'none') AS channels, count(*) AS customers, count(spent.orders) AS ordering,
  count(spent.orders) / count(*) AS rate, coalesce(sum(orders), 0) AS orders, coalesce(sum(revenue), 0) AS revenue,
  coalesce(sum(revenue), 0) / count(*) AS revenue_each
FROM everybody LEFT JOIN reached USING (person) LEFT JOIN spent USING (person)
GROUP BY 1 ORDER BY customers DESC, 1;

-- table: lift
WITH reached AS (
  SELECT DISTINCT person, channel
  FROM messages, asked WHERE state = 'sent' AND planned_at >= from_ms AND planned_at < to_ms
), past AS (
  SELECT person, count(*) AS orders, max("at") AS newest FROM bought, asked WHERE "at" < from_ms GROUP BY person
), spent AS (
  SELECT person, sum(revenue) AS revenue FROM bought, asked WHERE "at" >= from_ms AND "at" < to_ms GROUP BY person
), alike AS (
  SELECT
    one.person, one.channel AS first, other.channel AS second,
    EXISTS (SELECT 1 FROM reached r WHERE r.person = one.person AND r.channel = other.channel) AS on_both,
    CASE
      WHEN past.orders IS NULL THEN '0'
      ELSE CASE WHEN past.orders >= 4 THEN '4+' WHEN past.orders >= 2 THEN '2-3' ELSE '1' END
        || CASE WHEN past.newest >= from_ms - 7776000000 THEN ' within 90 days' ELSE ' longer ago' END
    END AS stratum,
    spent.person IS NOT NULL AS ordered, coalesce(spent.revenue, 0) AS revenue
  FROM reached one
  JOIN (SELECT DISTINCT channel FROM reached) other ON other.channel <> one.channel
  LEFT JOIN past ON past.person = one.person LEFT JOIN spent ON spent.person = one.person, asked
)
SELECT
  first, second, stratum, on_both, count(*) AS customers, count(*) FILTER (WHERE ordered) AS converted,
  sum(revenue) AS revenue, sum(CAST(revenue AS DOUBLE) * CAST(revenue AS DOUBLE)) AS squares
FROM alike GROUP BY first, second, stratum, on_both ORDER BY first, second, stratum, on_both;
