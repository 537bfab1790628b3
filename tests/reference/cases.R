# Reference values for tests/its/test_reference_cases.py, made with R alone (see cases.json for
# versions). Run from the project folder:  Rscript tests/reference/cases.R
# Simulates eleven designs, writes them to tests/reference/cases.csv, and judges each by every
# estimator that R has or that a formula gives, to tests/reference/cases.json.
suppressMessages({library(nlme); library(MASS); library(sandwich); library(lmtest); library(strucchange)})
tight <- glm.control(epsilon = 1e-14, maxit = 500)
exact <- glsControl(tolerance = 1e-12, msTol = 1e-14, msMaxIter = 1000, maxIter = 1000)

# ---- columns, as the project has them: time from 1, time since start 0 in the first period after
columns <- function(n, start, first = 1, trend = 1, season = "fourier", phase = 0, washout = 0,
                    slope = FALSE, half_life = NA, later = list(), pulses = list(), extra = NULL,
                    dose = NULL, length = 12) {
  time <- 1:n; part <- (first - 1 + time - 1) %% length + 1
  background <- cbind(intercept = rep(1, n))
  if (trend > 0) background <- cbind(background, time)
  if (trend > 1) background <- cbind(background, time2 = time^2)
  if (season == "fourier") for (h in 1:2) {
    if (2 * h != length) background <- cbind(background, sin(2 * pi * h * part / length))
    background <- cbind(background, cos(2 * pi * h * part / length))
  }
  if (season == "periods") for (p in 2:length) background <- cbind(background, 1 * (part == p))
  for (p in pulses) background <- cbind(background, 1 * (time >= p[1] & time < p[1] + p[2]))
  if (!is.null(extra)) background <- cbind(background, extra)
  level <- function(since, phase, half) {
    l <- pmin(pmax((since + 1) / (phase + 1), 0), 1)
    if (is.na(half)) l else l * .5^(pmax(since - phase, 0) / half)
  }
  since <- time - start - washout
  effects <- if (is.null(dose)) cbind(level(since, phase, half_life)) else cbind(ifelse(since >= 0, dose, 0))
  if (slope) effects <- cbind(effects, pmax(since, 0))
  after <- rep(FALSE, n)
  for (s in later) { effects <- cbind(effects, level(time - s, 0, NA)); after <- after | time >= s
    if (slope) effects <- cbind(effects, pmax(time - s, 0)) }
  X <- cbind(background, effects)
  B <- X; B[, ncol(background) + seq_len(ncol(effects))] <- 0
  kept <- time < start | since >= 0
  affected <- since >= 0 & kept
  settled <- if (is.null(dose)) affected & since >= phase & !after else affected & dose > 0
  list(X = unname(X), B = unname(B), time = time, site = rep(0, n), kept = kept, affected = affected,
       settled = settled, year = (first - 1 + time - 1) %/% length)
}

# A treated and a control site on top of each other: own intercepts and trends, common season,
# common change at the start, and what the treated site changes beyond it.
controlled <- function(n, start, slope) {
  one <- columns(n, start, slope = slope); season <- one$X[, 3:6]; zero <- rep(0, n)
  step <- 1 * (one$time >= start); since <- pmax(one$time - start, 0)
  both <- function(a) if (slope) cbind(a, since) else cbind(a)
  none <- if (slope) cbind(zero, zero) else cbind(zero)
  X <- rbind(cbind(1, one$time, 0, 0, season, both(step), both(step)),
             cbind(0, 0, 1, one$time, season, both(step), none))
  B <- X; B[, ncol(X) - (ncol(none) - 1):0] <- 0
  list(X = unname(X), B = unname(B), time = rep(one$time, 2), site = rep(0:1, each = n),
       kept = rep(TRUE, 2 * n), affected = c(step == 1, rep(FALSE, n)),
       settled = c(step == 1, rep(FALSE, n)), year = c(one$year, one$year + 1000))
}

# ---- how one law judges a curved quantity: its value, with the interval of its gradient
gradient <- function(f, beta) sapply(seq_along(beta), function(i) {
  b <- as.complex(beta); b[i] <- b[i] + 1e-30i; Im(f(b)) / 1e-30 })
curved <- function(d, log_link) {
  mean_of <- function(M, b) if (log_link) exp(d$offset + as.vector(M %*% b)) else d$scale * as.vector(M %*% b)
  total <- function(M, rows, b) sum(mean_of(M, b)[rows])
  s <- d$settled; a <- d$affected
  list(headline = function(b) if (log_link) log(total(d$X, s, b) / total(d$B, s, b)) else
         (total(d$X, s, b) - total(d$B, s, b)) / sum(s),
       averted = function(b) if (log_link) log(total(d$B, a, b) / total(d$X, a, b)) else
         total(d$B, a, b) - total(d$X, a, b),
       reached = function(b) total(d$X, a, b),
       ratio = function(b) total(d$X, s, b) / total(d$B, s, b) - 1)
}
t_law <- function(V, df) function(beta, g) {
  nu <- if (is.function(df)) df(g) else df
  se <- sqrt(as.numeric(t(g) %*% V %*% g)); e <- sum(g * beta)
  list(estimate = e, se = se, df = nu, low = e - qt(.975, nu) * se, high = e + qt(.975, nu) * se,
       p = 2 * pt(-abs(e / se), nu))
}
mixture_law <- function(w, B, V, nu) function(beta, g) {
  m <- as.vector(B %*% g); s <- sqrt(apply(V, 1, function(v) as.numeric(t(g) %*% v %*% g)))
  e <- sum(w * m); se <- sqrt(sum(w * (s^2 + (m - e)^2))); F <- function(x) sum(w * pt((x - m) / s, nu))
  at <- function(q) e + se * uniroot(function(z) F(e + se * z) - q, c(-40, 40), tol = 1e-14)$root
  list(estimate = e, se = se, df = nu, low = at(.025), high = at(.975), p = 2 * min(F(0), 1 - F(0)))
}
judged <- function(d, log_link, beta, law, ...) {
  f <- curved(d, log_link); beta <- as.vector(beta)
  shift <- function(q) { g <- gradient(q, beta); j <- law(beta, g); v <- Re(q(beta))
    j$low <- j$low + v - j$estimate; j$high <- j$high + v - j$estimate; j$estimate <- v; j }
  h <- shift(f$headline); a <- shift(f$averted); r <- if (log_link) lapply(h[c("estimate", "low", "high")], expm1) else shift(f$ratio)
  # Log link: fitted total times (expected over fitted - 1), at the limits of that ratio.
  a <- unlist(a[c("estimate", "low", "high")]); if (log_link) a <- f$reached(beta) * expm1(a)
  terms <- lapply(seq_along(beta), function(i) law(beta, 1 * (seq_along(beta) == i)))
  list(coef = beta, se = sapply(terms, `[[`, "se"), headline = unlist(h),
       averted = a,
       percent = 100 * unlist(r[c("estimate", "low", "high")]), ...)
}

# ---- the pieces R has no function for, from their formulas with dense matrices
corr <- function(d, rho, omega = 0) {
  gap <- abs(outer(d$time, d$time, "-")); same <- outer(d$site, d$site, "==")
  (1 - omega) * same * rho^gap + omega * diag(length(d$time))
}
log_det <- function(A) as.numeric(determinant(A)$modulus)
profile_reml <- function(d, z, D, R, ml = FALSE) {
  W <- solve(R); A <- t(D) %*% W %*% D; b <- solve(A, t(D) %*% W %*% z); r <- z - D %*% b
  rss <- sum(r * (W %*% r)); nu <- if (ml) length(z) else length(z) - ncol(D)
  list(l = -nu / 2 * log(rss) - log_det(R) / 2 - if (ml) 0 else log_det(A) / 2, beta = as.vector(b),
       s2 = rss / (length(z) - ncol(D)), inverse = solve(A))
}
best_rho <- function(d, z, D, ml = FALSE) {
  f <- function(rho) profile_reml(d, z, D, corr(d, rho), ml)$l
  grid <- seq(-.9, .98, .02); values <- sapply(grid, f); i <- which.max(values)
  top <- optimize(f, grid[i] + c(-.02, .02), maximum = TRUE, tol = 1e-9)$maximum
  # Golden section ends at the square root of rounding; the slope by differences does better.
  slope <- function(x, h) (f(x + h) - f(x - h)) / (2 * h)
  fine <- function(x) (4 * slope(x, 5e-4) - slope(x, 1e-3)) / 3
  uniroot(fine, top + c(-1e-3, 1e-3), extendInt = "downX", tol = 1e-13)$root
}
# Degrees of freedom from the REML likelihood alone: Hessian and slopes by extrapolated differences.
satterthwaite <- function(d, z, D, p) {
  full <- function(p) { V <- exp(p[2]) * corr(d, p[1]); W <- solve(V); A <- t(D) %*% W %*% D
    r <- z - D %*% solve(A, t(D) %*% W %*% z); -log_det(V) / 2 - log_det(A) / 2 - sum(r * (W %*% r)) / 2 }
  step <- function(i, h) h * (1:2 == i)
  hess <- function(h) outer(1:2, 1:2, Vectorize(function(i, j)
    (full(p + step(i, h) + step(j, h)) - full(p + step(i, h) - step(j, h)) - full(p - step(i, h) + step(j, h)) +
       full(p - step(i, h) - step(j, h))) / (4 * h^2)))
  better <- function(f, h = .02) { a <- f(h); b <- f(h / 2); c <- f(h / 4)
    one <- (4 * b - a) / 3; two <- (4 * c - b) / 3; (16 * two - one) / 15 }
  A <- solve(-better(hess))
  cov_at <- function(p) exp(p[2]) * solve(t(D) %*% solve(corr(d, p[1])) %*% D)
  by <- lapply(1:2, function(i) better(function(h) (cov_at(p + step(i, h)) - cov_at(p - step(i, h))) / (2 * h)))
  V <- cov_at(p); n <- length(z); k <- ncol(D)
  function(g) { q <- function(M) as.numeric(t(g) %*% M %*% g); s <- sapply(by, q)
    min(max(2 * q(V)^2 / as.numeric(t(s) %*% A %*% s), 2), n - k) }
}
averaged <- function(d, y, D0, beta, nuggets) {
  rhos <- c(seq(-.3, .9, .1), .95); grid <- data.frame(rho = rhos, omega = 0); n <- length(y); k <- ncol(D0)
  if (nuggets == "wide") rhos <- c(rhos, .98, .995)
  if (nuggets != "none") grid <- rbind(grid, expand.grid(rho = rhos[rhos > .29], omega = c(.25, .5, .7, .85)))
  if (nuggets == "wide") grid <- rbind(grid, data.frame(rho = c(.98, .995), omega = 0))
  inverse <- lapply(seq_len(nrow(grid)), function(i) corr(d, grid$rho[i], grid$omega[i]))
  dets <- sapply(inverse, log_det); inverse <- lapply(inverse, solve)
  for (pass in 1:100) {
    eta <- as.vector(D0 %*% beta); mu <- exp(d$offset + eta); D <- sqrt(mu) * D0
    z <- sqrt(mu) * (eta + (y - mu) / mu)
    B <- matrix(0, nrow(grid), k); V <- array(0, c(nrow(grid), k, k)); l <- numeric(nrow(grid)); s2 <- l
    for (i in seq_len(nrow(grid))) {
      W <- inverse[[i]]; A <- t(D) %*% W %*% D; b <- solve(A, t(D) %*% (W %*% z)); r <- z - D %*% b
      rss <- sum(r * (W %*% r)); s2[i] <- rss / (n - k); B[i, ] <- b; V[i, , ] <- s2[i] * solve(A)
      l[i] <- -(n - k) / 2 * log(rss) - dets[i] / 2 - log_det(A) / 2
    }
    w <- exp(l - max(l)); w <- w / sum(w); new <- colSums(w * B); moved <- max(abs(new - beta) / pmax(1, abs(beta)))
    beta <- new
    if (moved < 1e-12) break
  }
  list(beta = beta, law = mixture_law(w, B, V, n - k), rho = sum(w * grid$rho), nugget = sum(w * grid$omega),
       dispersion = sum(w * s2))
}
bartlett <- function(d, scores, bread, lag) {
  near <- outer(d$site, d$site, "=="); gap <- abs(outer(d$time, d$time, "-"))
  W <- near * pmax(1 - gap / (lag + 1), 0); n <- nrow(scores)
  bread %*% t(scores) %*% W %*% scores %*% bread * n / (n - ncol(scores))
}
quasi <- function(d, y, X, keep, iterate) {
  n <- length(y); near <- diff(d$time) == 1 & diff(d$site) == 0; b <- lm.fit(X, y)$coefficients; rho <- 0
  for (i in 1:1000) {
    e <- y - as.vector(X %*% b); new <- sum((e[-1] * e[-n])[near]) / sum((e[-n]^2)[near])
    if (keep) { W <- solve(corr(d, new)); A <- solve(t(X) %*% W %*% X); b <- as.vector(A %*% t(X) %*% W %*% y)
      r <- y - as.vector(X %*% b); rss <- sum(r * (W %*% r)); m <- n }
    else { turn <- function(a) a[-1, , drop = FALSE][near, , drop = FALSE] - new * a[-n, , drop = FALSE][near, , drop = FALSE]
      f <- lm.fit(turn(X), turn(matrix(y))); b <- as.vector(f$coefficients); A <- solve(crossprod(turn(X)))
      rss <- sum(f$residuals^2); m <- sum(near) }
    if (!iterate || abs(new - rho) < 1e-14) break
    rho <- new
  }
  list(beta = b, V = A * rss / (m - ncol(X)), df = m - ncol(X), rho = new)
}

# ---- every estimator of one design
everything <- function(d, y, exposure = NULL, count = TRUE, lag = NULL) {
  d$offset <- if (is.null(exposure)) rep(0, length(y)) else log(exposure)
  d$scale <- if (is.null(exposure)) rep(1, length(y)) else exposure / mean(exposure)
  whole <- d  # contrasts run over all rows, fits over those kept
  d <- lapply(d, function(v) if (is.matrix(v)) v[whole$kept, , drop = FALSE] else v[whole$kept])
  y <- y[whole$kept]
  n <- length(y); k <- ncol(d$X); X <- d$X; rate <- y / d$scale; out <- list()
  unbroken <- all(diff(d$time) == 1); if (is.null(lag)) lag <- floor(4 * (n / 100)^(2 / 9))
  say <- function(name, log_link, beta, law, ...) out[[name]] <<- judged(whole, log_link, beta, law, ...)
  west <- function(fit, bread) if (unbroken) NeweyWest(fit, lag = lag, prewhite = FALSE, adjust = TRUE) else
    bartlett(d, estfun(fit), bread, lag)
  years <- length(unique(d$year))

  o <- lm(rate ~ 0 + X); b <- coef(o)
  say("ols", FALSE, b, t_law(vcov(o), n - k))
  for (kind in c("HC0", "HC1", "HC2", "HC3")) say(paste0("ols-", tolower(kind)), FALSE, b, t_law(vcovHC(o, type = kind), n - k))
  say("ols-newey-west", FALSE, b, t_law(west(o, solve(crossprod(X))), n - k))
  say("ols-year", FALSE, b, t_law(vcovCL(o, cluster = d$year, type = "HC1"), years - 1))
  for (way in list(c("prais-winsten", 1, 1), c("prais-winsten-two-step", 1, 0), c("cochrane-orcutt", 0, 1), c("cochrane-orcutt-two-step", 0, 0))) {
    q <- quasi(d, rate, X, way[2] == "1", way[3] == "1"); say(way[1], FALSE, q$beta, t_law(q$V, q$df), rho = q$rho) }
  frame <- data.frame(rate = rate, X, t = d$time, s = d$site)
  form <- as.formula(paste("rate ~ 0 +", paste0("X", 1:k, collapse = " + ")))
  lin <- function(ml) { rho <- best_rho(d, rate, X, ml); c(profile_reml(d, rate, X, corr(d, rho), ml), rho = rho) }
  ml <- lin(TRUE); say("linear-ml-ar1", FALSE, ml$beta, t_law(ml$s2 * ml$inverse, n - k), rho = ml$rho)
  re <- lin(FALSE); df <- satterthwaite(d, rate, X, c(re$rho, log(re$s2)))
  say("linear-reml-ar1", FALSE, re$beta, t_law(re$s2 * re$inverse, df), rho = re$rho)
  with_gls <- function(form, frame, method) { g <- gls(form, frame, correlation = corAR1(form = ~ t | s), method = method, control = exact)
    list(coef = as.vector(coef(g)), se = as.vector(sqrt(diag(vcov(g)))), rho = as.vector(coef(g$modelStruct$corStruct, unconstrained = FALSE))) }
  out[["gls"]] <- list("linear-ml-ar1" = with_gls(form, frame, "ML"), "linear-reml-ar1" = with_gls(form, frame, "REML"))
  out[["tests"]] <- list(
    breusch_godfrey = as.numeric(bgtest(rate ~ 0 + X, order = 12, fill = 0)[c("statistic", "p.value")]),
    ljung_box = as.numeric(Box.test(residuals(o), lag = 12, type = "Ljung-Box")[c("statistic", "p.value")]),
    durbin_watson = as.numeric(dwtest(rate ~ 0 + X, exact = FALSE, alternative = "greater")[c("statistic", "p.value")]))
  if (!count) return(out)

  off <- d$offset; m <- glm(y ~ 0 + X + offset(off), family = poisson, control = tight); b <- coef(m)
  pearson <- sum(residuals(m, "pearson")^2) / (n - k)
  say("poisson", TRUE, b, t_law(vcov(m), Inf), dispersion = 1)
  say("quasi-poisson", TRUE, b, t_law(vcov(glm(y ~ 0 + X + offset(off), family = quasipoisson, control = tight)), n - k), dispersion = pearson)
  for (kind in c("HC0", "HC1")) say(paste0("poisson-", tolower(kind)), TRUE, b, t_law(vcovHC(m, type = kind), n - k), dispersion = pearson)
  say("newey-west", TRUE, b, t_law(west(m, vcov(m)), n - k), dispersion = pearson)
  say("poisson-year", TRUE, b, t_law(vcovCL(m, cluster = d$year, type = "HC1"), years - 1), dispersion = pearson)
  nb <- suppressWarnings(try(glm.nb(y ~ 0 + X + offset(off), control = tight), silent = TRUE))
  if (!inherits(nb, "try-error") && nb$theta < 1e4) {
    phi <- 1 + mean(fitted(nb)) / nb$theta
    say("negative-binomial", TRUE, coef(nb), t_law(vcov(nb), n - k), dispersion = phi)
    for (kind in c("HC0", "HC1")) say(paste0("negative-binomial-", tolower(kind)), TRUE, coef(nb), t_law(vcovHC(nb, type = kind), n - k), dispersion = phi)
    # estfun of a glm.nb holds the shrunk scores; the bread is its unscaled covariance.
    say("negative-binomial-newey-west", TRUE, coef(nb), t_law(west(nb, vcov(nb)), n - k), dispersion = phi)
    say("negative-binomial-year", TRUE, coef(nb), t_law(vcovCL(nb, cluster = d$year, type = "HC1"), years - 1), dispersion = phi)
  }

  working <- function(beta) { eta <- as.vector(X %*% beta); mu <- exp(off + eta)
    list(D = sqrt(mu) * X, z = sqrt(mu) * (eta + (y - mu) / mu)) }
  beta <- b
  for (i in 1:200) { w <- working(beta); rho <- best_rho(d, w$z, w$D); p <- profile_reml(d, w$z, w$D, corr(d, rho))
    moved <- max(abs(p$beta - beta)); beta <- p$beta; if (moved < 1e-11) break }
  df <- satterthwaite(d, w$z, w$D, c(rho, log(p$s2)))
  say("poisson-reml-ar1", TRUE, beta, t_law(p$s2 * p$inverse, df), rho = rho, dispersion = p$s2)
  g <- list(coef = b)
  for (i in 1:200) { w <- working(g$coef); before <- g$coef
    g <- with_gls(update(form, z ~ .), data.frame(z = w$z, setNames(data.frame(w$D), paste0("X", 1:k)), t = d$time, s = d$site), "REML")
    if (max(abs(g$coef - before)) < 1e-10) break }
  out[["gls"]][["poisson-reml-ar1"]] <- g

  for (way in list(c("averaged-reml", "usual"), c("averaged-reml-ar1", "none"), c("averaged-reml-wide", "wide"))) {
    a <- averaged(d, y, X, b, way[2])
    say(way[1], TRUE, a$beta, a$law, rho = a$rho, nugget = a$nugget, dispersion = a$dispersion) }

  mu <- fitted(m); D <- sqrt(mu) * X; M <- diag(n) - D %*% solve(crossprod(D)) %*% t(D); r <- (y - mu) / sqrt(mu)
  L <- 1 * (outer(d$time, d$time, "-") == 1 & outer(d$site, d$site, "==")); near <- diff(d$time) == 1 & diff(d$site) == 0
  r1 <- sum((r[-1] * r[-n])[near]) / sum(r^2); MLM <- M %*% L %*% M
  f <- function(rho) { R <- corr(d, rho); sum(t(MLM) * R) / sum(M * R) - r1 }
  rho <- uniroot(f, c(-.9, .98), tol = 1e-14)$root; R <- corr(d, rho); phi <- max(1, sum(r^2) / sum(M * R))
  Q <- D %*% vcov(m)
  say("quasi-poisson-ar1", TRUE, b, t_law(phi * t(Q) %*% R %*% Q, max(n * (1 - rho) / (1 + rho) - 3, 3)), rho = rho, dispersion = phi)
  out
}

# ---- a break at an unknown date
unknown <- function(formula, data) {
  f <- suppressWarnings(Fstats(formula, data = data)); at <- function(type) as.numeric(sctest(f, type = type)[c("statistic", "p.value")])
  list(before = f$breakpoint, supF = at("supF"), aveF = at("aveF"), expF = at("expF"))
}

if (sys.nframe() == 0) {
  set.seed(20121001)
  n <- 132; start <- 73; time <- 1:n; month <- (time - 1) %% 12 + 1
  pop <- round(395000 * 1.007^(time / 12)); control_pop <- round(820000 * 1.004^(time / 12))
  unemployment <- 8 + as.numeric(arima.sim(list(ar = .9), n, sd = .3))
  dose <- ifelse(time >= start, rpois(n, 3), 0)
  base <- log(7) - .002 * time + .12 * cos(2 * pi * (month - 7.5) / 12)
  wander <- function(rho, sd, len = n) as.numeric(arima.sim(list(ar = rho), len, sd = sd))
  count <- function(change, rho = .3, sd = .15, size = 15, level = base, people = pop)
    {
    u <- if (sd > 0) wander(rho, sd, length(change)) else 0
    rnbinom(length(change), size = size, mu = people / 4e5 * exp(level + change + u))
  }
  step <- 1 * (time >= start); ramp <- pmin(pmax((time - start + 1) / 7, 0), 1)
  y <- data.frame(
    step = count(log(.7) * step), ramp = count(log(.6) * ramp), slope = count(log(.8) * step - .004 * pmax(time - start, 0)),
    dummies = count(log(.7) * step), washout = count(log(.65) * step), overdispersed = count(log(.7) * step, 0, 0, 3),
    persistent = count(log(.7) * step, .8, .3, 40), several = count(log(.7) * step + log(1.4) * (time >= 110) + .6 * (time %in% 40:42)),
    dosed = count(-.1 * dose + .05 * (unemployment - 8)), controlled = count(log(.7) * step - .2 * step),
    control = count(-.2 * step, people = control_pop), share = .5 + .001 * time - .08 * step + wander(.4, .04))
  quarters <- 52; yq <- count(log(.7) * (1:quarters > 26), level = rep(log(24), quarters), people = rep(4e5, quarters))
  y$quarterly <- c(yq, rep(NA, n - quarters))
  write.csv(cbind(pop, control_pop, unemployment = round(unemployment, 4), dose, transform(y, share = round(share, 6))),
            "tests/reference/cases.csv", row.names = FALSE, quote = FALSE)
  d <- read.csv("tests/reference/cases.csv")

  out <- list()
  run <- function(name, ...) { began <- proc.time()[3]; out[[name]] <<- everything(...); message(name, " ", round(proc.time()[3] - began), " s") }
  run("step", columns(n, start), d$step, d$pop)
  run("ramp", columns(n, start, phase = 6), d$ramp, d$pop)
  run("slope", columns(n, start, slope = TRUE), d$slope, d$pop)
  run("dummies", columns(n, start, season = "periods"), d$dummies, d$pop)
  run("washout", columns(n, start, washout = 6), d$washout, d$pop)
  run("overdispersed", columns(n, start, trend = 2), d$overdispersed, d$pop)
  run("persistent", columns(n, start), d$persistent)
  run("several", columns(n, start, slope = TRUE, later = list(110), pulses = list(c(40, 3))), d$several, d$pop)
  run("dose", columns(n, start, dose = d$dose, extra = d$unemployment), d$dosed, d$pop)
  run("fading", columns(n, start, half_life = 24), d$step, d$pop)
  run("quarterly", columns(quarters, 27, length = 4), d$quarterly[1:quarters])
  run("share", columns(n, start), d$share, count = FALSE)
  run("controlled", controlled(n, start, FALSE), c(d$controlled, d$control), c(d$pop, d$control_pop))
  run("controlled slope", controlled(n, start, TRUE), c(d$controlled, d$control), c(d$pop, d$control_pop))
  angle <- 2 * pi * month / 12; d$s <- sin(angle); d$c <- cos(angle); d$t <- time; d$rate <- d$step / d$pop * 1e5
  breaks <- list(mean = unknown(step ~ 1, d), trend = unknown(share ~ t, d), covariates = unknown(rate ~ t + s + c + unemployment, d))
  boston <- read.csv("data/public/boston_homicide.csv")
  run("boston", columns(77, 54), boston$homicides)
  run("boston step", columns(77, 54, trend = 0, season = "none"), boston$homicides)
  versions <- c(R = R.version.string, sapply(c("nlme", "MASS", "sandwich", "lmtest", "strucchange"), function(p) as.character(packageVersion(p))))
  # 12 digits are enough for a tolerance of 1e-6 and keep the file small.
  text <- jsonlite::toJSON(list(versions = as.list(versions), cases = out, breaks = breaks), digits = I(12), auto_unbox = TRUE, pretty = 1)
  # One line a list of numbers.
  text <- gsub(",\\s+(?=-?[0-9])", ", ", gsub("\\[\\s+(?=-?[0-9])", "[", gsub("(?<=[0-9])\\s+\\]", "]", text, perl = TRUE), perl = TRUE), perl = TRUE)
  writeLines(text, "tests/reference/cases.json")
}
