# Reference values for tests/its/test_arima.py and tests/numeric/test_arma.py, made with R alone.
# Run from the project folder:  Rscript tests/reference/arima.R
# Writes tests/reference/arima.json: simulated series and what arima(method = "ML") makes of them.
n <- 120; time <- 1:n; month <- (time - 1) %% 12 + 1
# The trend in years from the middle: arima() searches in the units it is given.
X <- cbind(trend = (time - 60) / 12, s1 = sin(2*pi*month/12), c1 = cos(2*pi*month/12),
           level = as.numeric(time >= 67))

# arima() stops at a relative gain of 1e-8 and differences with steps of .001. From where it stops it
# is run again with both tightened, so that what is compared is the maximum and not where a search
# stopped. (Tightened from its own start it ends far below the maximum, without a word.)
run <- function(y, X, order, seasonal = c(0, 0, 0)) {
  count <- sum(order[-2]) + sum(seasonal[-2]) + ncol(X) + (order[2] + seasonal[2] == 0)
  fit <- function(init, ...)
    arima(y, order, seasonal = list(order = seasonal, period = 12), xreg = X, init = init, kappa = 1e8, ...)
  m <- fit(NULL)
  for (again in 1:2)
    m <- fit(coef(m), method = "ML",
             optim.control = list(reltol = 1e-15, maxit = 2000, ndeps = rep(3e-4, count)))
  list(coef = unname(coef(m)), se = unname(sqrt(diag(vcov(m)))), sigma2 = m$sigma2, loglik = m$loglik)
}
series <- function(seed, ...) {
  set.seed(seed)
  round(30 + as.vector(X %*% c(-.5, 1, -2, -4)) + as.numeric(arima.sim(list(...), n, sd = 2)), 3)
}
case <- function(y, ...) c(list(y = y), run(y, X, ...))
out <- list(
  ar1 = case(series(1, ar = .5), c(1, 0, 0)),
  arma11 = case(series(2, ar = .7, ma = .4), c(1, 0, 1)),
  ar2 = case(series(3, ar = c(.4, .3)), c(2, 0, 0)),
  sar = case(series(4, ar = c(.4, rep(0, 10), .4, -.16)), c(1, 0, 0), c(1, 0, 0)),
  sma = case(series(5, ma = c(.4, rep(0, 10), .5, .2)), c(0, 0, 1), c(0, 0, 1)))

# Errors that wander, for differencing: IMA(1, 1) with a drift and a step.
set.seed(6)
walk <- cumsum(c(0, arima.sim(list(ma = -.5), n - 1, sd = 2)))
w <- round(40 + as.vector(X %*% c(.6, 0, 0, -8)) + walk, 3)
out$ima <- c(list(y = w), run(w, X[, c("trend", "level")], c(0, 1, 1)))

out$versions <- list(R = R.version.string)
value <- function(v) {
  words <- if (is.character(v)) paste0("\"", v, "\"") else formatC(v, digits = 12, format = "g")
  if (length(v) == 1) words else paste0("[", paste(words, collapse = ", "), "]")
}
lines <- sapply(names(out), function(name) paste0(" \"", name, "\": {",
  paste(sapply(names(out[[name]]), function(k) paste0("\"", k, "\": ", value(out[[name]][[k]]))), collapse = ", "), "}"))
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), "tests/reference/arima.json")
