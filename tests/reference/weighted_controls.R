# Reference values for tests/did/test_synthetic_control.py, test_synthetic_did.py,
# test_augmented_control.py and test_calibration.py, made with base R, quadprog, sandwich and
# jsonlite. Run from the project folder:
#   Rscript tests/reference/weighted_controls.R
# Writes tests/reference/weighted_controls.json. Weights are quadratic programs by Goldfarb and
# Idnani's method (quadprog); everything else is written out.
library(quadprog)
panel <- function(n, periods) {
  i <- matrix(seq_len(n), n, periods); t <- matrix(seq_len(periods), n, periods, byrow = TRUE)
  40 + 3 * ((5 * i) %% 7) + 0.3 * ((2 * i) %% 5 - 2) * t + 4 * sin(t / 3 + i) +
    ((7 * i + 11 * t + 3 * i * t + i * i) %% 11) / 2
}
# min |a w - b|^2 + ridge |w|^2, w >= 0, sum w = 1
simplex <- function(a, b, ridge = 0) {
  n <- ncol(a)
  w <- solve.QP(crossprod(a) + ridge * diag(n), drop(crossprod(a, b)),
                cbind(1, diag(n)), c(1, rep(0, n)), meq = 1)$solution
  w <- pmax(w, 0); w / sum(w)
}
out <- list(versions = list(R = as.character(getRversion()),
                            quadprog = as.character(packageVersion("quadprog")),
                            sandwich = as.character(packageVersion("sandwich"))))
sdn <- function(x) sqrt(mean((x - mean(x))^2))
rms <- function(x) sqrt(mean(x^2))

# ---- synthetic control, 11 units of which the first is treated from the 15th of 20 periods
sc <- function(y, treated, start) {
  y0 <- y[-treated, , drop = FALSE]; y1 <- y[treated, ]
  w <- simplex(t(y0[, 1:start]), y1[1:start])
  gap <- y1 - drop(w %*% y0)
  list(weights = w, estimate = mean(gap[-(1:start)]),
       ratio = rms(gap[-(1:start)]) / rms(gap[1:start]), before = rms(gap[1:start]))
}
y <- panel(11, 20); y[1, 15:20] <- y[1, 15:20] - 6
own <- sc(y, 1, 14)
others <- lapply(1:10, function(k) sc(y[-1, ], k, 14))
ratios <- sapply(others, `[[`, "ratio")
out$control <- c(own, list(std_error = sdn(sapply(others, `[[`, "estimate")),
                           p_value = (1 + sum(ratios >= own$ratio)) / 11,
                           half = own$before * max(sapply(others, function(o) abs(o$estimate) / o$before))))

# ---- the same corrected by ridge regression of the outcomes after on those before: the estimate
# is the treated's mean after less its predicted one, the prediction of the ridge regression plus
# what the weighted controls have over theirs (Ben-Michael, Feller, Rothstein 2021, equation 2)
ascm <- function(y, treated, start, ridge) {
  y0 <- y[-treated, ]; y1 <- y[treated, ]
  level <- colMeans(y0[, 1:start])
  x0 <- sweep(y0[, 1:start], 2, level); x1 <- y1[1:start] - level
  w <- simplex(t(y0[, 1:start]), y1[1:start])
  after <- rowMeans(y0[, -(1:start)])
  eta <- solve(crossprod(x0) + ridge * diag(start), crossprod(x0, after - mean(after)))
  mean(y1[-(1:start)]) - sum(w * after) - sum((x1 - drop(w %*% x0)) * eta)
}
out$augmented <- list(ridge = 30, estimate = ascm(y, 1, 14, 30),
                      std_error = sdn(sapply(1:10, function(k) ascm(y[-1, ], k, 14, 30))))

# ---- synthetic difference-in-differences, 18 units, the first treated from the 9th of 14 periods
noise <- function(y0, start) sd(apply(y0[, 1:start], 1, diff))
centre <- function(a) sweep(a, 2, colMeans(a))
sdid <- function(y, treated, start, sigma, w = NULL) {
  y0 <- y[-treated, , drop = FALSE]; y1 <- colMeans(y[treated, , drop = FALSE])
  zeta <- (length(treated) * (ncol(y) - start))^0.25 * sigma
  a <- t(y0[, 1:start]); b <- y1[1:start]
  if (is.null(w)) {
    omega <- simplex(centre(a), b - mean(b), start * zeta^2)
    goal <- rowMeans(y0[, -(1:start)])
    lambda <- simplex(centre(y0[, 1:start]), goal - mean(goal), nrow(y0) * (1e-6 * sigma)^2)
  } else { omega <- w$omega / sum(w$omega); lambda <- w$lambda }
  gap <- y1 - drop(omega %*% y0)
  list(omega = omega, lambda = lambda,
       estimate = mean(gap[-(1:start)]) - sum(lambda * gap[1:start]))
}
y <- panel(18, 14); y[1, 9:14] <- y[1, 9:14] - 6
sigma <- noise(y[-1, ], 8)
own <- sdid(y, 1, 8, sigma)
others <- sapply(1:17, function(k) sdid(y[-1, ], k, 8, sigma)$estimate)
out$sdid <- c(own, list(std_error = sdn(others),
                        rank = (1 + sum(abs(others) >= abs(own$estimate))) / 18))
# three treated, jackknife with the weights held (Arkhangelsky et al. 2021, Algorithm 3)
y <- panel(18, 14); y[1:3, 9:14] <- y[1:3, 9:14] - 6
own <- sdid(y, 1:3, 8, noise(y[-(1:3), ], 8))
left <- sapply(1:18, function(k) {
  w <- own
  if (k > 3) w$omega <- own$omega[-(k - 3)]
  sdid(y[-k, ], if (k > 3) 1:3 else 1:2, 8, 0, w)$estimate
})
out$jackknife <- list(estimate = own$estimate,
                      std_error = sqrt(17 / 18 * sum((left - mean(left))^2)))
# the second and third from the 9th, the first from the 11th period: averaged by treated cells
never <- y[-(1:3), ]
early <- sdid(rbind(y[2:3, ], never), 1:2, 8, noise(never, 8))
late <- sdid(rbind(y[1, ], never), 1, 10, noise(never, 10))
out$staggered <- list(estimate = (2 * 6 * early$estimate + 4 * late$estimate) / 16)

# ---- calibration, 60 units of which 6 are treated from the 5th of 7 periods
n <- 60; i <- matrix(1:n, n, 7); t <- matrix(1:7, n, 7, byrow = TRUE)
y <- (7 * i + 11 * t + 3 * i * t + i * i) %% (5 + i %% 4)
x <- (3 * (1:n)) %% 8
treated <- (1:n) %% 10 == 3
z <- cbind(1, x, y[, 1:4])
base <- rep(6 / 54, 54)
w <- solve.QP(diag(1 / base), rep(1, 54), cbind(z[!treated, ], diag(54)),
              c(colSums(z[treated, ]), rep(0, 54)), meq = 6)$solution
w <- pmax(w, 0)
full <- rep(1, n); full[!treated] <- w
observed <- sum(y[treated, 5:7]); synthetic <- sum(w * y[!treated, 5:7])
used <- full > 1e-9
total <- rowSums(y[, 5:7])
fit <- lm(total ~ treated + x + y[, 1:4], weights = full, subset = used)
hc3 <- sandwich::vcovHC(fit, "HC3")["treatedTRUE", "treatedTRUE"]
# unit-periods as if independent: what microsynth asks of survey::svyglm
long <- data.frame(y = c(y[, 5:7]), d = rep(treated, 3), t = factor(rep(1:3, each = n)),
                   w = rep(full, 3))
flat <- lm(y ~ d + t - 1, long, weights = w, subset = w > 0)
m <- cbind(long$d, sapply(levels(long$t), function(k) long$t == k))
bread <- solve(crossprod(m * sqrt(long$w)))
b <- drop(bread %*% crossprod(m, long$w * long$y))
s <- m * (long$w * (long$y - drop(m %*% b)))
v <- bread %*% crossprod(s) %*% bread * (3 * n) / (3 * n - 1)
yc <- mean(b[-1]); yt <- yc + b[1]
g <- c(1 / yt, rep((1 / yt - 1 / yc) / 3, 3))
out$calibration <- list(weights = w, estimate = log(observed / synthetic),
                        difference = (observed - synthetic) / 18,
                        hc3 = sqrt(hc3) / 3,  # a treated cell instead of a unit
                        independent = sqrt(drop(g %*% v %*% g)))
writeLines(jsonlite::toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE),
           "tests/reference/weighted_controls.json")
