-- What an analyst reads. A row with n = 0 is a window whose only measurement turned out to belong to another one.
-- Lanes are merged and only the newest version of a row counts; values are in ms (CLS: score),
-- counts in visitors' page views, that is, weighted. Percentiles don't add up: to look along fewer dimensions, merge
-- the sketches, `rum_quantile(sumMap(buckets), sum(zeros), 0.75)`, instead of averaging p75.
CREATE VIEW IF NOT EXISTS $database.vitals $on_cluster AS
SELECT
    window_start, site, environment, source, metric, route, navigation_type, device, browser, country, release,
    rum_quantile(buckets, zeros, 0.5) AS p50,
    rum_quantile(buckets, zeros, 0.75) AS p75,
    rum_quantile(buckets, zeros, 0.95) AS p95,
    rum_quantile(buckets, zeros, 0.99) AS p99,
    n, weight, good, needs_improvement, poor,
    good / nullIf(good + needs_improvement + poor, 0) AS good_share,
    zeros, buckets
FROM
(
    SELECT
        window_start, site, environment, source, metric, route, navigation_type, device, browser, country, release,
        sum(r.n) AS n, sum(r.weight) / 1000 AS weight, sum(r.good) / 1000 AS good,
        sum(r.needs_improvement) / 1000 AS needs_improvement, sum(r.poor) / 1000 AS poor,
        sum(r.zeros) AS zeros, sumMap(r.buckets) AS buckets
    FROM $database.rollups_1m AS r FINAL
    WHERE metric IN ('LCP', 'INP', 'CLS', 'FCP', 'TTFB', 'FID', 'TBT')
    GROUP BY window_start, site, environment, source, metric, route, navigation_type, device, browser, country, release
    HAVING n > 0
);

CREATE VIEW IF NOT EXISTS $database.endpoints $on_cluster AS
SELECT
    window_start, site, environment, source, endpoint, route, device, browser, country, release,
    rum_quantile(buckets, zeros, 0.5) AS p50,
    rum_quantile(buckets, zeros, 0.75) AS p75,
    rum_quantile(buckets, zeros, 0.95) AS p95,
    rum_quantile(buckets, zeros, 0.99) AS p99,
    n, requests, zeros, buckets
FROM
(
    SELECT
        window_start, site, environment, source, name AS endpoint, route, device, browser, country, release,
        sum(r.n) AS n, sum(r.weight) / 1000 AS requests, sum(r.zeros) AS zeros, sumMap(r.buckets) AS buckets
    FROM $database.rollups_1m AS r FINAL
    WHERE metric = 'request'
    GROUP BY window_start, site, environment, source, endpoint, route, device, browser, country, release
    HAVING n > 0
);

CREATE VIEW IF NOT EXISTS $database.page_views $on_cluster AS
SELECT
    window_start, site, environment, source, route, navigation_type, device, browser, country, release,
    sum(r.n) AS n, sum(r.weight) / 1000 AS views
FROM $database.rollups_1m AS r FINAL
WHERE metric = 'page_view'
GROUP BY window_start, site, environment, source, route, navigation_type, device, browser, country, release
HAVING n > 0;
