# One treated unit against twelve controls, in base R: the random-effects prediction averaged over
# tau, Paule-Mandel with Hartung-Knapp, Ferman-Pinto, exact randomization, and the Poisson two-way
# coefficient. Writes random_effects.json. R 4.2.2.
#   Rscript tests/reference/random_effects.R > tests/reference/random_effects.json
units <- 13; periods <- 24; start <- 12
# Whole numbers that look like counts, by formula, so that no random numbers have to be carried.
y <- outer(seq_len(units), seq_len(periods),
           function(i, t) (7 * i + 11 * t + 3 * i * t + i * i) %% (2 + 2 * i))
y[1, (start + 1):periods] <- y[1, (start + 1):periods] %/% 2
exposure <- outer(seq_len(units), seq_len(periods), function(i, t) 100 * i + 2 * t + i * t)
before <- rowSums(y[, 1:start]); after <- rowSums(y[, (start + 1):periods])
ratio <- rowSums(exposure[, (start + 1):periods]) / rowSums(exposure[, 1:start])
d <- log((after + .5) / (before + .5)) - log(ratio)
v <- 1 / (before + .5) + 1 / (after + .5)
own <- d[1]; own_v <- v[1]; d <- d[-1]; v <- v[-1]; n <- length(d)

taus <- c(0, exp(seq(log(.01), log(1), length.out = 40)))
g <- length(taus)
spacing <- c(taus[2] - taus[1], (taus[3:g] - taus[1:(g - 2)]) / 2, taus[g] - taus[g - 1])
one <- t(sapply(taus, function(tau) {
  w <- 1 / (v + tau^2); mu <- sum(w * d) / sum(w)
  c(-.5 * (sum(log(v + tau^2)) + log(sum(w)) + sum(w * (d - mu)^2)),
    own - mu, sqrt(own_v + tau^2 + 1 / sum(w)))
}))
weight <- exp(one[, 1] - max(one[, 1])) * spacing; weight <- weight / sum(weight)
cdf <- function(x) sum(weight * pnorm((x - one[, 2]) / one[, 3]))
quantile_of <- function(share) uniroot(function(x) cdf(x) - share, c(-20, 20), tol = 1e-14)$root
estimate <- sum(weight * one[, 2])
averaged <- c(estimate, sqrt(sum(weight * (one[, 3]^2 + (one[, 2] - estimate)^2))),
              quantile_of(.025), quantile_of(.975), 2 * min(cdf(0), 1 - cdf(0)))

excess <- function(t2) { w <- 1 / (v + t2); sum(w * (d - sum(w * d) / sum(w))^2) - (n - 1) }
tau2 <- if (excess(0) <= 0) 0 else uniroot(excess, c(0, 10), tol = 1e-15)$root
w <- 1 / (v + tau2); mu <- sum(w * d) / sum(w)
hartung_knapp <- sum(w * (d - mu)^2) / (n - 1) / sum(w)
error <- sqrt(own_v + tau2 + hartung_knapp)
plug_in <- c(own - mu, error, own - mu + qt(c(.025, .975), n - 1) * error,
             2 * pt(-abs(own - mu) / error, n - 1))

residual <- d - mean(d)
fp <- coef(lm(I(residual^2 * n / (n - 1)) ~ v))
square <- residual^2 * n / (n - 1)
# The nonnegative fit with one variable: what would be negative is nought.
if (fp[2] < 0) fp <- c(mean(square), 0) else if (fp[1] < 0) fp <- c(0, sum(v * square) / sum(v^2))
own_fp <- sum(fp * c(1, own_v)); all_fp <- fp[1] + fp[2] * v
fp_error <- sqrt(own_fp + sum(all_fp) / n^2)
fp_t <- (own - mean(d)) / fp_error
ferman_pinto <- c(own - mean(d), fp_error, 2 * pt(-abs(fp_t), n - 1),
                  (1 + sum(abs(residual) / sqrt(all_fp) >= abs(own - mean(d)) / sqrt(own_fp))) /
                    (n + 1))

# Poisson two-way fixed effects with each unit treated in turn, without exposure.
long <- data.frame(y = as.vector(y), unit = factor(rep(seq_len(units), periods)),
                   time = factor(rep(seq_len(periods), each = units)))
twoway <- sapply(seq_len(units), function(i) {
  long$treated <- as.numeric(long$unit == i & as.integer(long$time) > start)
  coef(glm(y ~ treated + unit + time, poisson, long,
           control = glm.control(epsilon = 1e-14, maxit = 100)))["treated"]
})
p_unit <- mean(abs(twoway) >= abs(twoway[1]) - 1e-9)

show <- function(x) paste0("[", paste(sprintf("%.15g", x), collapse = ", "), "]")
cat("{\n")
cat('  "averaged": ', show(averaged), ",\n", sep = "")
cat('  "tau2": ', show(tau2), ",\n", sep = "")
cat('  "plug_in": ', show(plug_in), ",\n", sep = "")
cat('  "ferman_pinto": ', show(ferman_pinto), ",\n", sep = "")
cat('  "placebo_t": ', show(c(sd(d) * sqrt(1 + 1 / n))), ",\n", sep = "")
cat('  "twoway": ', show(twoway), ",\n", sep = "")
cat('  "p_unit": ', show(p_unit), "\n", sep = "")
cat("}\n")
