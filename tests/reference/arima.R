# Reference values for tests/its/test_arima.py, made with R alone (see arima.json for versions).
# Run from the project folder:  Rscript tests/reference/arima.R
# Writes tests/reference/arima_series.csv (two simulated series) and tests/reference/arima.json.
# 120 months: y is stationary with seasonal correlation, walk has a random walk in it; both fall by
# 4 from month 67 on.
set.seed(20130102)
n <- 120; time <- 1:n; month <- (time - 1) %% 12 + 1; start <- 67
level <- as.numeric(time >= start)
X <- cbind(intercept = 1, time, s1 = sin(2*pi*month/12), c1 = cos(2*pi*month/12),
           s2 = sin(4*pi*month/12), c2 = cos(4*pi*month/12), level)
mean <- 20 - .02 * time + 2 * cos(2 * pi * (month - 7) / 12) - 4 * level
phi <- c(.5, rep(0, 10), .4, -.2) # (1 - .5 B)(1 - .4 B^12)
y <- round(mean + as.numeric(arima.sim(list(ar = phi), n, n.start = 400, sd = 2)), 3)
walk <- round(mean + cumsum(as.numeric(arima.sim(list(ma = -.6), n, sd = 2))), 3)
write.csv(data.frame(y, walk), "tests/reference/arima_series.csv", row.names = FALSE, quote = FALSE)
out <- list()

# The log-likelihood of arima() at given parameters, and its Hessian by central differences with
# one Richardson step: independent of the coarse steps behind vcov().
exact <- function(y, order, seasonal, X) {
  seasonal <- list(order = seasonal, period = 12)
  free <- function(fixed = NULL, ...) arima(y, order, seasonal, xreg = X, include.mean = FALSE, method = "ML",
    fixed = fixed, transform.pars = is.null(fixed), optim.control = list(reltol = 1e-16, maxit = 5000, ...))
  f <- free()
  k <- length(coef(f)); arma <- seq_len(k - ncol(X))
  # Polish: BFGS with fine steps from the first optimum.
  loglik <- function(b) free(fixed = b)$loglik
  # The profile over the coefficients of X is quadratic; polish all by Newton on differences.
  b <- coef(f); scale <- pmax(sqrt(diag(vcov(f))), 1e-8)
  diffs <- function(b, h) {
    H <- matrix(0, k, k); g <- numeric(k); l0 <- loglik(b)
    e <- function(i, s) { v <- numeric(k); v[i] <- s * scale[i]; v }
    up <- sapply(1:k, function(i) loglik(b + e(i, h))); dn <- sapply(1:k, function(i) loglik(b - e(i, h)))
    g <- (up - dn) / (2 * h)
    diag(H) <- (up - 2 * l0 + dn) / h^2
    for (i in seq_len(k)) for (j in seq_len(i - 1)) {
      H[i, j] <- H[j, i] <- (loglik(b + e(i, h) + e(j, h)) - loglik(b + e(i, h) - e(j, h)) -
                             loglik(b - e(i, h) + e(j, h)) + loglik(b - e(i, h) - e(j, h))) / (4 * h^2)
    }
    list(g = g, H = H)
  }
  rich <- function(b, h) { a <- diffs(b, h); c <- diffs(b, h / 2)
    list(g = (4 * c$g - a$g) / 3, H = (4 * c$H - a$H) / 3) }
  for (pass in 1:3) { r <- rich(b, .04); b <- b - scale * solve(r$H, r$g) }
  r <- rich(b, .04)
  V <- outer(scale, scale) * solve(-r$H)
  g <- free(fixed = b)
  list(coef = coef(f), se = sqrt(diag(vcov(f))), loglik = f$loglik, sigma2 = f$sigma2,
       polished = b, polished_se = sqrt(diag(V)), polished_loglik = g$loglik, polished_sigma2 = g$sigma2)
}
rate <- y
out[["100"]] <- exact(rate, c(1,0,0), c(0,0,0), X)
out[["201"]] <- exact(rate, c(2,0,1), c(0,0,0), X)
out[["011"]] <- exact(walk, c(0,1,1), c(0,0,0), X[, -1])
out[["100_100"]] <- exact(rate, c(1,0,0), c(1,0,0), X)
out[["100_011"]] <- exact(rate, c(1,0,0), c(0,1,1), cbind(time, level)) # the season is differenced away
gap <- rate; gap[67:69] <- NA; gone <- walk; gone[40:42] <- NA                                            # a washout of three months
late <- X; late[, "level"] <- as.numeric(time >= 70)
out[["gap_100"]] <- exact(gap, c(1,0,0), c(0,0,0), late)
out[["gap_011"]] <- exact(gone, c(0,1,1), c(0,0,0), X[, -1])

# AICc of every order that is tried, as forecast::Arima counts it; orders with a root within 1.01 are left out.
aicc <- function(y, order, seasonal, X) {
  f <- try(suppressWarnings(arima(y, order, list(order = seasonal, period = 12), xreg = X, include.mean = FALSE, method = "ML")), silent = TRUE)
  if (inherits(f, "try-error")) return(NULL)
  roots <- function(p) { p <- p[seq_len(max(which(abs(p) > 1e-8)))]; if (length(p) < 2) Inf else min(Mod(polyroot(p))) }
  ar <- f$model$phi; ma <- f$model$theta
  near <- min(roots(c(1, -ar)), roots(c(1, ma)))
  m <- length(coef(f)) + 1; nn <- f$nobs
  c(-2 * f$loglik + 2 * m * nn / (nn - m - 1), near)
}
table <- list()
for (p in 0:3) for (q in 0:3) for (P in 0:1) for (Q in 0:1) if (p + q + P + Q <= 5) {
  a <- aicc(rate, c(p,0,q), c(P,0,Q), X)
  if (!is.null(a) && a[2] >= 1.01) table[[paste0(p, q, P, Q)]] <- a[1]
}
out[["aicc"]] <- table
residuals <- residuals(lm(rate ~ 0 + X))
out[["kpss"]] <- list(statistic = urca::ur.kpss(residuals, type = "mu", use.lag = trunc(3 * sqrt(n) / 13))@teststat,
                      walk = urca::ur.kpss(cumsum(residuals), type = "mu", use.lag = trunc(3 * sqrt(n) / 13))@teststat)
out[["versions"]] <- list(R = R.version.string, urca = as.character(packageVersion("urca")))

value <- function(v) {
  words <- if (is.character(v)) paste0("\"", v, "\"") else formatC(v, digits = 12, format = "g")
  if (length(v) == 1) words else paste0("[", paste(words, collapse = ", "), "]")
}
lines <- sapply(names(out), function(name) paste0(" \"", name, "\": {",
  paste(sapply(names(out[[name]]), function(k) paste0("\"", k, "\": ", value(out[[name]][[k]]))), collapse = ", "), "}"))
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), "tests/reference/arima.json")
