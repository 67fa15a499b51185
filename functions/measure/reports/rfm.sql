/*
title: {tr: Yakınlık ve sıklık (RFM), en: "Recency, frequency and value (RFM)"}
description:
  tr: Son günün sonunda, son siparişten bu yana geçen gün ve sipariş sayısına göre müşteriler.
  en: Customers by the days since their last order and by their number of orders, at the end of the last day.
parameters: [to, segment, compare]
tables:
  - name: classes
    title: {tr: Sınıflar, en: Classes}
    key: [recency, frequency]
    chart: {kind: matrix, x: frequency, by: recency, y: [customers]}
    columns:
      recency: {kind: text, tr: Son sipariş, en: Last order, means: days since the last order}
      frequency: {kind: text, tr: Sipariş sayısı, en: Number of orders, means: orders that count}
      customers: {kind: count, tr: Müşteri, en: Customers, means: customers of the class}
      orders: {kind: count, tr: Sipariş, en: Orders, means: all their orders}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: all their revenue}
      revenue_each: {kind: money, tr: Müşteri başına, en: Per customer, means: revenue of a customer}
  - name: fifths
    title: {tr: Değere göre beşte birler, en: Fifths by value}
    key: [fifth]
    chart: {kind: bars, x: fifth, y: [share]}
    columns:
      fifth: {kind: count, tr: Beşte bir, en: Fifth, means: 1 holds the customers with the largest revenue}
      customers: {kind: count, tr: Müşteri, en: Customers, means: customers with an order}
      orders: {kind: count, tr: Sipariş, en: Orders, means: all their orders}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: all their revenue}
      revenue_each: {kind: money, tr: Müşteri başına, en: Per customer, means: revenue of a customer}
      share: {kind: share, tr: Cirodaki pay, en: Share of revenue, means: of the revenue of all}
*/
-- shared: mine
SELECT person, count(*) AS orders, sum(revenue) AS revenue, (to_ms() - max("at")) / 86400000 AS days
FROM bought WHERE "at" < to_ms() GROUP BY person;

-- table: classes
SELECT * FROM (
  SELECT
    CASE WHEN days <= 30 THEN '0-30' WHEN days <= 90 THEN '31-90' WHEN days <= 180 THEN '91-180' ELSE '181+' END AS recency,
    CASE WHEN orders = 1 THEN '1' WHEN orders <= 3 THEN '2-3' ELSE '4+' END AS frequency,
    count(*) AS customers, sum(orders) AS orders, sum(revenue) AS revenue, sum(revenue) / count(*) AS revenue_each
  FROM mine GROUP BY 1, 2
) ORDER BY CASE recency WHEN '0-30' THEN 1 WHEN '31-90' THEN 2 WHEN '91-180' THEN 3 ELSE 4 END, frequency;

-- table: fifths
SELECT
  fifth, count(*) AS customers, sum(orders) AS orders, sum(revenue) AS revenue, sum(revenue) / count(*) AS revenue_each,
  sum(revenue) / nullif(sum(sum(revenue)) OVER (), 0) AS share
FROM (SELECT *, ntile(5) OVER (ORDER BY revenue DESC, root) AS fifth FROM mine JOIN roots USING (person)) GROUP BY fifth ORDER BY fifth;
