/*
title: {tr: Kuşaklar, en: Cohorts}
description:
  tr: İlk siparişini aynı ayda verenler sonraki aylarda ne yaptı. Son günle biten on iki ay gösterilir.
  en: What customers who first ordered in the same month did later. The twelve months that end with the last day are shown.
parameters: [from, to, segment]
tables:
  - name: months
    title: {tr: Aylar, en: Months}
    key: [cohort, month]
    chart: {kind: matrix, x: month, by: cohort, y: [share]}
    columns:
      cohort: {kind: date, tr: İlk sipariş ayı, en: Month of the first order, means: local month}
      month: {kind: count, tr: Kaç ay sonra, en: Months later, means: 0 is the month of the first order}
      customers: {kind: count, tr: Kuşaktaki müşteri, en: Customers of the cohort, means: customers who first ordered in that month}
      ordering: {kind: count, tr: Sipariş veren, en: Customers who ordered, means: those who ordered in this month}
      share: {kind: share, tr: Pay, en: Share, means: ordering of customers}
      orders: {kind: count, tr: Sipariş, en: Orders, means: their orders in this month}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: their revenue in this month}
*/
-- table: months
WITH mine AS (
  SELECT person, revenue, CAST(date_trunc('month', local) AS DATE) AS ordered_in FROM bought WHERE "at" < to_ms()
), firsts AS (
  SELECT person, min(ordered_in) AS cohort FROM mine GROUP BY person
), shown AS (
  SELECT person, cohort FROM firsts
  WHERE cohort > CAST(date_trunc('month', local_time(to_ms() - 1)) AS DATE) - INTERVAL 12 MONTH
), sizes AS (SELECT cohort, count(*) AS customers FROM shown GROUP BY cohort)
SELECT
  strftime(cohort, '%Y-%m') AS cohort, date_diff('month', cohort, ordered_in) AS month, any_value(customers) AS customers,
  count(DISTINCT person) AS ordering, count(DISTINCT person) / any_value(customers) AS share,
  count(*) AS orders, sum(revenue) AS revenue
FROM mine JOIN shown USING (person) JOIN sizes USING (cohort) GROUP BY cohort, ordered_in ORDER BY cohort, month;
