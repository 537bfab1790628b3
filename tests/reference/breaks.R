# Reference values for tests/numeric/test_breaks.py and test_diagnostics.py, made with R alone (see
# breaks.json for versions). Run from the project folder:  Rscript tests/reference/breaks.R
# Writes tests/reference/breaks.json, and evaluation/numeric/hansen_1997.csv: the coefficients of
# Hansen's (1997) p-value functions as strucchange carries them.
suppressMessages({library(strucchange); library(lmtest)})
out <- list()
put <- function(name, ...) out[[name]] <<- list(...)

# ---- Hansen's coefficients: for k = 1 to 40 columns tested and 25 trimmings, .49 down to .01
table <- do.call(rbind, lapply(c("sup", "ave", "exp"), function(test) {
  b <- get(paste0("sc.beta.", test), asNamespace("strucchange"))
  m <- ncol(b) - 1
  data.frame(test, columns = rep(1:40, each = 25), trimming = rep(seq(49, 1, -2) / 100, 40),
             b0 = b[, 1], b1 = b[, 2], b2 = if (m > 2) b[, 3] else 0, b3 = if (m > 3) b[, 4] else 0,
             df = b[, m + 1])
}))
write.csv(table, "evaluation/numeric/hansen_1997.csv", row.names = FALSE, quote = FALSE)

# ---- data: Boston, and the simulated series of its.R as a rate
boston <- read.csv("data/public/boston_homicide.csv")
boston$calendar <- factor(substr(boston$month, 6, 7))
its <- read.csv("tests/reference/its_series.csv")
n <- nrow(its); time <- 1:n; angle <- 2 * pi * ((time - 1) %% 12 + 1) / 12
rate <- its$y / (its$pop / mean(its$pop))

fstats <- function(name, formula, data, ...) {
  f <- suppressWarnings(Fstats(formula, data = data, ...))
  p <- function(type) sctest(f, type = type)
  put(name, first = f$breakpoint - which.max(f$Fstats) + 1, statistics = as.numeric(f$Fstats),
      before = f$breakpoint,
      sup = unname(p("supF")$statistic), sup_p = as.numeric(p("supF")$p.value),
      ave = unname(p("aveF")$statistic), ave_p = as.numeric(p("aveF")$p.value),
      exp = unname(p("expF")$statistic), exp_p = as.numeric(p("expF")$p.value))
}
fstats("boston_mean", homicides ~ 1, boston)
fstats("boston_full", homicides ~ population_bm + calendar, boston)
fstats("boston_narrow", homicides ~ 1, boston, from = .05)
fstats("boston_wide", homicides ~ 1, boston, from = .3, to = .55)
fstats("simulated", rate ~ time, data.frame(rate, time))

# A level shift beside a trend and a season, one candidate after another: the partial break.
season <- cbind(sin(angle), cos(angle))
null <- sum(lm.fit(cbind(1, time, season), rate)$residuals^2)
partial <- sapply(18:102, function(c) {
  rss <- sum(lm.fit(cbind(1, time, season, time > c), rate)$residuals^2)
  (null - rss) / (rss / (n - 5))
})
put("partial", statistics = partial, sup = max(partial), before = (18:102)[which.max(partial)],
    sup_p = as.numeric(strucchange:::pvalue.Fstats(max(partial), "supF", 1, ((n - 18) * 102) / (18 * (n - 102)))))

# ---- the date: Bai's interval, and dates whose likelihood is not much below the best
interval <- function(formula, data) as.numeric(confint(breakpoints(formula, h = .15, breaks = 1, data = data), breaks = 1)$confint)
put("bai", boston = interval(homicides ~ 1, boston), simulated = interval(rate ~ time, data.frame(rate, time)))
likelihood <- sapply(11:66, function(c) 2 * as.numeric(logLik(lm(homicides ~ I(seq_along(homicides) > c), boston))))
put("likelihood_set", dates = (11:66)[likelihood >= max(likelihood) + 2 * log(1 - sqrt(.95))])

# ---- Poisson: a level shift at every date
shift <- function(name, formula, data) {
  m <- nrow(data); dates <- floor(.15 * m):(m - floor(.15 * m))
  broken <- function(c) glm(update(formula, . ~ . + after), poisson, transform(data, after = 1 * (1:m > c)), epsilon = 1e-14)
  without <- deviance(glm(formula, poisson, data, epsilon = 1e-14))
  ratios <- sapply(dates, function(c) without - deviance(broken(c)))
  best <- dates[which.max(ratios)]; g <- broken(best)
  put(name, ratios = ratios, before = best, ratio = max(ratios), shift = unname(coef(g)["after"]),
      std_error = sqrt(vcov(g)["after", "after"]), pearson = sum(residuals(g, "pearson")^2) / g$df.residual)
}
boston$trend <- seq_len(nrow(boston))
shift("poisson_level", homicides ~ 1, boston)
shift("poisson_trend", homicides ~ trend, boston)
shift("poisson_population_month", homicides ~ population_bm + calendar, boston)
shift("poisson_trend_month", homicides ~ trend + calendar, boston)
simulated <- data.frame(y = its$y, log_pop = log(its$pop), trend = time, s1 = season[, 1], c1 = season[, 2])
shift("poisson_simulated", y ~ trend + s1 + c1 + offset(log_pop), simulated)

# ---- residual tests on a linear model of the simulated rate
X <- cbind(1, time, season, time >= 67)
o <- lm(rate ~ 0 + X); e <- unname(residuals(o))
# dwtest's exact p is stable for Boston; for this series it moves in the fourth digit with the
# number of its integration steps.
put("durbin_watson", statistic = unname(dwtest(o)$statistic), p_normal = dwtest(o, exact = FALSE)$p.value,
    boston = unname(dwtest(homicides ~ trend, data = boston)$statistic),
    boston_p = dwtest(homicides ~ trend, data = boston, exact = TRUE, iterations = 50)$p.value)
lags <- 24
put("correlogram", acf = acf(e, lags, plot = FALSE)$acf[-1], pacf = as.numeric(pacf(e, lags, plot = FALSE)$acf),
    band = qnorm(.975) / sqrt(n))
put("influence", leverage = unname(hatvalues(o)), studentized = unname(rstudent(o)), cook = unname(cooks.distance(o)))
g <- glm(its$y ~ 0 + X + offset(log(its$pop)), family = poisson, epsilon = 1e-14)
q <- glm(its$y ~ 0 + X + offset(log(its$pop)), family = quasipoisson, epsilon = 1e-14)
put("poisson_influence", mu = unname(fitted(g)), leverage = unname(hatvalues(g)), studentized = unname(rstudent(g)),
    cook = unname(cooks.distance(g)), dispersion = summary(q)$dispersion, quasi_cook = unname(cooks.distance(q)))

# Cumby and Huizinga (1992): proposition 1 written with their matrices A, B, D and psi, period by
# period. eta = (x, lagged residuals); psi is the covariance of e eta over lags -q to q.
cumby <- function(first, last, q, robust, exogenous) {
  lag <- function(j) c(rep(0, j), e[1:(n - j)])
  L <- sapply(first:last, lag); Z <- cbind(X, L); k <- ncol(X); s <- ncol(L)
  s2 <- sum(e^2) / n
  psi <- matrix(0, k + s, k + s)
  for (t in 1:n) for (u in max(1, t - q):min(n, t + q)) {
    cross <- if (robust) e[t] * e[u] else {
      gap <- abs(t - u); sum(e[(1 + gap):n] * e[1:(n - gap)]) / n }
    psi <- psi + cross * outer(Z[t, ], Z[u, ]) / n
  }
  B <- -crossprod(L, X) / n / s2
  D <- solve(crossprod(X) / n)
  phi <- cbind(if (exogenous) matrix(0, s, k) else B %*% D, diag(s) / s2)
  V <- phi %*% psi %*% t(phi)
  r <- as.numeric(crossprod(L, e)) / sum(e^2)
  n * as.numeric(t(r) %*% solve(V) %*% r)
}
put("cumby_huizinga", first_4 = cumby(1, 4, 0, FALSE, FALSE), third_given_two = cumby(3, 3, 2, FALSE, FALSE),
    range_given_two = cumby(3, 6, 2, FALSE, FALSE), robust_4 = cumby(1, 4, 0, TRUE, FALSE),
    robust_given_two = cumby(3, 4, 2, TRUE, FALSE), exogenous_4 = cumby(1, 4, 0, FALSE, TRUE),
    breusch_godfrey_4 = unname(bgtest(o, order = 4, fill = 0)$statistic))
put("versions", R = R.version.string, strucchange = as.character(packageVersion("strucchange")),
    lmtest = as.character(packageVersion("lmtest")))

value <- function(v) {
  words <- if (is.character(v)) paste0("\"", v, "\"") else formatC(v, digits = 12, format = "g")
  if (length(v) == 1) words else paste0("[", paste(words, collapse = ", "), "]")
}
lines <- sapply(names(out), function(name) paste0(" \"", name, "\": {",
  paste(sapply(names(out[[name]]), function(k) paste0("\"", k, "\": ", value(out[[name]][[k]]))), collapse = ", "), "}"))
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), "tests/reference/breaks.json")
