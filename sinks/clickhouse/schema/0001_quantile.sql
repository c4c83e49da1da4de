-- The quantile of schemas.sketch: the weighted nearest rank over buckets with relative accuracy 0.01, zeros first.
-- nan for an empty sketch. Cost: a sort of the buckets; several ranks of one sketch share it.
CREATE OR REPLACE FUNCTION rum_quantile $on_cluster AS (buckets, zeros, q) -> multiIf(
    zeros + arraySum(mapValues(buckets)) = 0, nan,
    zeros > 0 AND zeros >= q * (zeros + arraySum(mapValues(buckets))), 0.,
    pow(1.01 / 0.99, arraySort(mapKeys(buckets))[
        arrayFirstIndex(
            seen -> zeros + seen >= q * (zeros + arraySum(mapValues(buckets))),
            arrayCumSum(arraySort((weight, key) -> key, mapValues(buckets), mapKeys(buckets)))
        )
    ]) * (2 / (1 + 1.01 / 0.99))
);
