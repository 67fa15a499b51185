/*
title: {tr: Alışveriş döngüsü, en: Purchase cycle}
description:
  tr: Ardışık iki sipariş arasında kaç gün geçiyor. Sonraki siparişi bu günlerde olanlar sayılır.
  en: How many days lie between two orders of a customer. Pairs whose later order was in these days count.
parameters: [from, to, segment, compare]
tables:
  - name: gaps
    title: {tr: Sipariş arası, en: Between orders}
    key: [order]
    chart: {kind: bars, x: order, y: [median]}
    columns:
      order: {kind: text, tr: Kaçıncı, en: Which, means: "the later order: 2, 3, 4+, or all"}
      pairs: {kind: count, tr: Sipariş çifti, en: Pairs, means: pairs of successive orders}
      customers: {kind: count, tr: Müşteri, en: Customers, means: customers of these pairs}
      quarter: {kind: days, tr: Dörtte biri, en: First quarter, means: a quarter of the pairs have at most so many days between}
      median: {kind: days, tr: Ortanca, en: Median, means: half of them have at most so many}
      three_quarters: {kind: days, tr: Dörtte üçü, en: Third quarter, means: three quarters have at most so many}
*/
-- table: gaps
WITH pairs AS (
  SELECT person, CASE WHEN nth >= 4 THEN '4+' ELSE CAST(nth AS VARCHAR) END AS order_number, ("at" - at_before) / 86400000 AS days
  FROM numbered_orders WHERE nth > 1 AND "at" >= from_ms() AND "at" < to_ms()
)
SELECT
  CASE WHEN grouping(order_number) = 1 THEN 'all' ELSE order_number END AS "order",
  count(*) AS pairs, count(DISTINCT person) AS customers,
  quantile_cont(days, 0.25) AS quarter, quantile_cont(days, 0.5) AS median, quantile_cont(days, 0.75) AS three_quarters
FROM pairs GROUP BY GROUPING SETS ((order_number), ()) HAVING count(*) > 0 ORDER BY 1;
