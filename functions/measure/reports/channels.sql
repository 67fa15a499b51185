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
  - name: numbers
    title: {tr: Kaç kanal, en: How many channels}
    key: [channels]
    chart: {kind: bars, x: channels, y: [rate]}
    columns:
      channels: {kind: count, tr: Kanal sayısı, en: Channels, means: on so many channels the customer got a message}
      customers: {kind: count, tr: Müşteri, en: Customers, means: live customers}
      ordering: {kind: count, tr: Sipariş veren, en: Customers who ordered, means: those with an order in these days}
      rate: {kind: share, tr: Sipariş oranı, en: Order rate, means: ordering of customers}
      orders: {kind: count, tr: Sipariş, en: Orders, means: their orders in these days}
      orders_each: {kind: ratio, tr: Müşteri başına sipariş, en: Orders per customer, means: orders of a customer}
      more_orders: {kind: share, tr: Tek kanala göre, en: Against one channel, means: by how much orders per customer are more than those of one channel; observed and not matched}
      field: {kind: share, tr: Alanda ölçülen, en: In the field, means: "Omnisend, 2023: campaigns on three channels or more had 494% more orders than those on one"}
  - name: lift
    title: {tr: İkinci kanalın farkı (gözlem), en: Lift of a second channel (observation)}
    empty: {tr: "İki kanallı ve tek kanallı yeterince benzer müşteri yok.", en: "There are too few customers alike on two channels and on one."}
    key: [pair]
    finish: lift
    columns:
      pair: {kind: text, tr: İlk + ikinci, en: First + second, means: the first channel and the one that came on top}
      both: {kind: count, tr: İkisi, en: Both, means: "customers with messages on both, and on no third, who could be matched"}
      left_out: {kind: count, tr: Eşleşmeyen, en: Left out, means: customers with messages on exactly these two for whom too few alike were found}
      alone: {kind: count, tr: Yalnız ilki, en: First alone, means: customers with the first only who could be matched}
      rate_both: {kind: share, tr: İkisiyle oran, en: Order rate of both, means: share with an order in these days}
      rate_alone: {kind: share, tr: Yalnız ilkiyle oran, en: Order rate of the first alone, means: "the same of those compared with, weighted as the others are spread over strata"}
      difference: {kind: points, between: [low, high], tr: Fark, en: Difference, means: difference of the rates}
      low: {kind: points, tr: En az, en: From, means: lower end of its 95% interval}
      high: {kind: points, tr: En çok, en: To, means: upper end of its 95% interval}
      revenue_difference: {kind: money, between: [revenue_low, revenue_high], tr: Ciro farkı, en: Difference in revenue, means: difference in revenue per customer}
      revenue_low: {kind: money, tr: En az, en: From, means: lower end of its 95% interval}
      revenue_high: {kind: money, tr: En çok, en: To, means: upper end of its 95% interval}
*/
-- shared: reached
SELECT DISTINCT person, channel
FROM messages WHERE state = 'sent' AND planned_at >= from_ms() AND planned_at < to_ms();

-- shared: together
-- Customers are counted by the sum of their channels' numbers, each twice the one before; a sum is named once.
WITH numbered AS (
  SELECT channel, CAST(power(2, row_number() OVER (ORDER BY channel)) AS BIGINT) AS code
  FROM (SELECT DISTINCT channel FROM reached)
), mixes AS (
  SELECT person, sum(code) AS mix, count(*) AS size
  FROM reached JOIN numbered ON numbered.channel = reached.channel GROUP BY person
), named AS (
  SELECT mix, string_agg(channel, ' + ' ORDER BY channel) AS channels
  FROM (SELECT DISTINCT mix FROM mixes) AS each CROSS JOIN numbered WHERE mix // code - 2 * (mix // (2 * code)) = 1 GROUP BY mix
), everybody AS (
  SELECT person FROM mixes
  UNION SELECT key_of(root) FROM customers WHERE state = 'live' AND (asked_segment() = '' OR map_contains(segments, asked_segment()))
), spent AS (
  SELECT person, count(*) AS orders, sum(revenue) AS revenue
  FROM bought WHERE "at" >= from_ms() AND "at" < to_ms() GROUP BY person
)
SELECT
  coalesce(channels, 'none') AS channels, coalesce(size, 0) AS size, customers, ordering, orders, revenue
FROM (
  SELECT
    mix, size, count(*) AS customers, count(spent.orders) AS ordering, coalesce(sum(orders), 0) AS orders,
    coalesce(sum(revenue), 0) AS revenue
  FROM everybody LEFT JOIN mixes USING (person) LEFT JOIN spent USING (person) GROUP BY mix, size
) AS counted LEFT JOIN named ON named.mix = counted.mix;

-- table: combinations
SELECT *, ordering / customers AS rate, revenue / customers AS revenue_each FROM together ORDER BY customers DESC, channels;

-- table: numbers
WITH sizes AS (
  SELECT size, sum(customers) AS customers, sum(ordering) AS ordering, sum(orders) AS orders FROM together GROUP BY size
), alone AS (SELECT orders / customers AS each FROM sizes WHERE size = 1)
SELECT
  size AS channels, customers, ordering, ordering / customers AS rate, orders, orders / customers AS orders_each,
  CASE WHEN size > 1 THEN orders / customers / nullif((SELECT each FROM alone), 0) - 1 END AS more_orders,
  CASE WHEN size >= 3 THEN 4.94 END AS field
FROM sizes ORDER BY size;

-- table: lift
WITH past AS (
  SELECT person, count(*) AS orders, max("at") AS newest FROM bought WHERE "at" < from_ms() GROUP BY person
), spent AS (
  SELECT person, sum(revenue) AS revenue FROM bought WHERE "at" >= from_ms() AND "at" < to_ms() GROUP BY person
), belonged AS (
  SELECT person, string_agg(DISTINCT name, ' ' ORDER BY name) AS names FROM (
    SELECT person, unnest(names) AS name FROM states_at_start
  ) GROUP BY person
), alike AS (
  SELECT
    one.person, one.channel AS first, other.channel AS second,
    sizes.size = 2 AS on_both,
    CASE
      WHEN past.orders IS NULL THEN '0'
      ELSE CASE WHEN past.orders >= 4 THEN '4+' WHEN past.orders >= 2 THEN '2-3' ELSE '1' END
        || CASE WHEN past.newest >= from_ms() - 7776000000 THEN ' within 90 days' ELSE ' longer ago' END
    END || ' ' || coalesce(belonged.names, '') AS stratum,
    spent.person IS NOT NULL AS ordered, coalesce(spent.revenue, 0) AS revenue
  FROM reached one
  JOIN (SELECT person, count(*) AS size FROM reached GROUP BY person) AS sizes ON sizes.person = one.person
  JOIN (SELECT DISTINCT channel FROM reached) AS other ON other.channel <> one.channel
  LEFT JOIN reached AS second_one ON second_one.person = one.person AND second_one.channel = other.channel
  LEFT JOIN belonged ON belonged.person = one.person LEFT JOIN past ON past.person = one.person LEFT JOIN spent ON spent.person = one.person
  WHERE sizes.size = 1 OR (sizes.size = 2 AND second_one.person IS NOT NULL)
)
SELECT
  first, second, stratum, on_both, count(*) AS customers, count(*) FILTER (WHERE ordered) AS converted,
  sum(revenue) AS revenue, sum(CAST(revenue AS DOUBLE) * CAST(revenue AS DOUBLE)) AS squares
FROM alike GROUP BY first, second, stratum, on_both ORDER BY first, second, stratum, on_both;
