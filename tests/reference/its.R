# Reference values for tests/its and tests/numeric, made with R alone (see its.json for versions).
# Run from the project folder:  Rscript tests/reference/its.R
# Writes tests/reference/its_series.csv (a simulated series) and tests/reference/its.json.
suppressMessages({library(nlme); library(MASS); library(sandwich); library(lmtest)})

# A simulated series: 120 months, over-dispersed, autocorrelated, growing population, a fall of
# 30 % from month 67 on.
set.seed(20130101)
n <- 120; time <- 1:n; month <- (time - 1) %% 12 + 1; start <- 67
pop <- round(400000 * 1.004^(time / 12 * 3))
u <- as.numeric(arima.sim(list(ar = .4), n, sd = .25))
mu <- pop / 1e5 * exp(log(3) - .003 * time + .14 * cos(2 * pi * (month - 7.5) / 12) +
                      log(.7) * (time >= start) + u)
y <- rnbinom(n, size = 20, mu = mu)
write.csv(data.frame(y, pop), "tests/reference/its_series.csv", row.names = FALSE, quote = FALSE)

level <- as.numeric(time >= start)
X <- cbind(intercept = 1, time, s1 = sin(2*pi*month/12), c1 = cos(2*pi*month/12),
           s2 = sin(4*pi*month/12), c2 = cos(4*pi*month/12), level)
out <- list()
put <- function(name, ...) out[[name]] <<- list(...)

m <- glm(y ~ 0 + X + offset(log(pop)), family = poisson, epsilon = 1e-14)
put("poisson", coef = coef(m), se = sqrt(diag(vcov(m))), pearson = sum(residuals(m, "pearson")^2) / (n - 7))
q <- glm(y ~ 0 + X + offset(log(pop)), family = quasipoisson, epsilon = 1e-14)
put("quasi", se = sqrt(diag(vcov(q))))
put("newey_west", se = sqrt(diag(NeweyWest(m, lag = 4, prewhite = FALSE, adjust = TRUE))))
nb <- glm.nb(y ~ 0 + X + offset(log(pop)), control = glm.control(epsilon = 1e-14, maxit = 200))
put("nb", coef = coef(nb), se = sqrt(diag(vcov(nb))), theta = nb$theta, theta_se = nb$SE.theta)

rate <- y / (pop / mean(pop))
o <- lm(rate ~ 0 + X)
put("ols_newey_west", coef = coef(o), se = sqrt(diag(NeweyWest(o, lag = 4, prewhite = FALSE, adjust = TRUE))))

put("newey_west_9", se = sqrt(diag(NeweyWest(m, lag = 9, prewhite = FALSE, adjust = TRUE))))
put("nb_newey_west", se = sqrt(diag(NeweyWest(nb, lag = 4, prewhite = FALSE, adjust = TRUE))))
kinds <- function(fit, of) setNames(lapply(of, function(k) sqrt(diag(vcovHC(fit, type = k)))), of)
out[["ols_hc"]] <- kinds(o, c("HC0", "HC1", "HC2", "HC3"))
out[["poisson_hc"]] <- kinds(m, c("HC0", "HC1"))
out[["negative_binomial_hc"]] <- kinds(nb, c("HC0", "HC1"))
year <- (time - 1) %/% 12
put("year", ols = sqrt(diag(vcovCL(o, cluster = year, type = "HC1"))),
    poisson = sqrt(diag(vcovCL(m, cluster = year, type = "HC1"))),
    negative_binomial = sqrt(diag(vcovCL(nb, cluster = year, type = "HC1"))))

# Prais-Winsten, iterated, by hand.
b <- coef(o); rho <- 0
for (i in 1:500) {
  e <- rate - as.vector(X %*% b)
  new <- sum(e[-1] * e[-n]) / sum(e[-n]^2)
  star <- function(a) rbind(sqrt(1 - new^2) * a[1, ], a[-1, , drop = FALSE] - new * a[-n, , drop = FALSE])
  f <- lm.fit(star(X), star(matrix(rate)))
  b <- f$coefficients
  if (abs(new - rho) < 1e-13) break
  rho <- new
}
s2 <- sum(f$residuals^2) / (n - 7)
put("prais_winsten", coef = as.vector(b), se = sqrt(diag(s2 * solve(crossprod(star(X))))), rho = new)

control <- glsControl(tolerance = 1e-12, msTol = 1e-14, msMaxIter = 1000, maxIter = 1000)
frame <- data.frame(rate, X)
g <- gls(rate ~ 0 + ., frame, correlation = corAR1(), method = "REML", control = control)
put("gls_reml", coef = coef(g), se = sqrt(diag(vcov(g))), sigma2 = g$sigma^2,
    rho = coef(g$modelStruct$corStruct, unconstrained = FALSE))

ml <- gls(rate ~ 0 + ., frame, correlation = corAR1(), method = "ML", control = control)
put("gls_ml", coef = coef(ml), se = sqrt(diag(vcov(ml))), rho = coef(ml$modelStruct$corStruct, unconstrained = FALSE))

# Cochrane-Orcutt iterated, and both transformations once, by hand.
quasi <- function(keep, iterate) {
  b <- coef(o); rho <- 0
  for (i in 1:500) {
    e <- rate - as.vector(X %*% b); new <- sum(e[-1] * e[-n]) / sum(e[-n]^2)
    turn <- function(a) { t <- a[-1, , drop = FALSE] - new * a[-n, , drop = FALSE]
      if (keep) rbind(sqrt(1 - new^2) * a[1, ], t) else t }
    f <- lm.fit(turn(X), turn(matrix(rate))); b <- f$coefficients
    if (!iterate || abs(new - rho) < 1e-13) break
    rho <- new
  }
  s2 <- sum(f$residuals^2) / (nrow(turn(X)) - 7)
  list(coef = as.vector(b), se = sqrt(diag(s2 * solve(crossprod(turn(X))))), rho = new)
}
out[["cochrane_orcutt"]] <- quasi(FALSE, TRUE)
out[["cochrane_orcutt_two_step"]] <- quasi(FALSE, FALSE)
out[["prais_winsten_two_step"]] <- quasi(TRUE, FALSE)

# Satterthwaite degrees of freedom of the level, from the REML log-likelihood alone: its Hessian
# in (rho, log sigma2) by differences.
Xm <- as.matrix(X)
corr <- function(rho, omega = 0) (1 - omega) * rho^abs(outer(1:n, 1:n, "-")) + omega * diag(n)
reml <- function(p, z, D) {
  V <- exp(p[2]) * corr(p[1]); W <- solve(V); A <- t(D) %*% W %*% D
  r <- z - D %*% solve(A, t(D) %*% W %*% z)
  -as.numeric(determinant(V)$modulus) / 2 - as.numeric(determinant(A)$modulus) / 2 - sum(r * (W %*% r)) / 2
}
satterthwaite <- function(p, z, D) {
  v <- function(p) (exp(p[2]) * solve(t(D) %*% solve(corr(p[1])) %*% D))[7, 7]
  h <- 1e-3; H <- matrix(0, 2, 2); E <- diag(2) * h
  f <- function(p) reml(p, z, D)
  for (i in 1:2) for (j in 1:2)
    H[i, j] <- (f(p + E[i, ] + E[j, ]) - f(p + E[i, ] - E[j, ]) - f(p - E[i, ] + E[j, ]) + f(p - E[i, ] - E[j, ])) / (4 * h^2)
  gr <- c((v(p + E[1, ]) - v(p - E[1, ])), (v(p + E[2, ]) - v(p - E[2, ]))) / (2 * h)
  2 * v(p)^2 / as.numeric(t(gr) %*% solve(-H) %*% gr)
}
best <- optim(c(.2, log(g$sigma^2)), function(p) -reml(p, rate, Xm), control = list(reltol = 1e-15, maxit = 5000))
put("satterthwaite_linear", df = satterthwaite(best$par, rate, Xm))

# Poisson pseudo-likelihood REML: gls of the working response until nothing moves.
beta <- coef(m)
for (i in 1:100) {
  mu <- pop * exp(as.vector(X %*% beta))
  d <- data.frame(z = sqrt(mu) * (as.vector(X %*% beta) + (y - mu) / mu), sqrt(mu) * X)
  p <- gls(z ~ 0 + ., d, correlation = corAR1(), method = "REML", control = control)
  if (max(abs(coef(p) - beta)) < 1e-11) break
  beta <- coef(p)
}
put("poisson_reml", coef = coef(p), se = sqrt(diag(vcov(p))), sigma2 = p$sigma^2,
    rho = coef(p$modelStruct$corStruct, unconstrained = FALSE))

# Averaged REML, the slow obvious way: dense matrices, one grid point after another.
averaged <- function(nuggets) {
  rhos <- c(seq(-.3, .9, .1), .95)
  grid <- data.frame(rho = rhos, omega = 0)
  if (nuggets) grid <- rbind(grid, expand.grid(rho = rhos[rhos > .29], omega = c(.25, .5, .7, .85)))
  beta <- coef(m)
  for (pass in 1:60) {
    mu <- pop * exp(as.vector(Xm %*% beta)); D <- sqrt(mu) * Xm
    z <- sqrt(mu) * (as.vector(Xm %*% beta) + (y - mu) / mu)
    B <- matrix(0, nrow(grid), 7); V <- array(0, c(nrow(grid), 7, 7)); l <- numeric(nrow(grid))
    for (i in seq_len(nrow(grid))) {
      R <- corr(grid$rho[i], grid$omega[i]); W <- solve(R); A <- t(D) %*% W %*% D
      b <- solve(A, t(D) %*% W %*% z); r <- z - D %*% b; rss <- sum(r * (W %*% r))
      B[i, ] <- b; V[i, , ] <- rss / (n - 7) * solve(A)
      l[i] <- -(n - 7) / 2 * log(rss) - as.numeric(determinant(R)$modulus) / 2 - as.numeric(determinant(A)$modulus) / 2
    }
    w <- exp(l - max(l)); w <- w / sum(w); new <- colSums(w * B)
    if (max(abs(new - beta)) < 1e-12) break
    beta <- new
  }
  center <- B[, 7]; scale <- sqrt(V[, 7, 7])
  F <- function(x) sum(w * pt((x - center) / scale, n - 7))
  list(points = nrow(grid), coef = new, rho = sum(w * grid$rho), nugget = sum(w * grid$omega),
       low = uniroot(function(x) F(x) - .025, c(-5, 5), tol = 1e-13)$root,
       high = uniroot(function(x) F(x) - .975, c(-5, 5), tol = 1e-13)$root,
       p = 2 * min(F(0), 1 - F(0)),
       se = sqrt(sum(w * (scale^2 + (center - new[7])^2))))
}
out[["averaged_nugget"]] <- averaged(TRUE)
out[["averaged_ar1"]] <- averaged(FALSE)

# Bias-corrected AR(1) sandwich of the Poisson fit, from the formulas with dense matrices.
mu <- fitted(m); D <- sqrt(mu) * Xm; H <- D %*% solve(crossprod(D)) %*% t(D); M <- diag(n) - H
r <- (y - mu) / sqrt(mu); L <- 1 * (outer(1:n, 1:n, "-") == 1)
r1 <- sum(r[-1] * r[-n]) / sum(r^2)
tr <- function(A) sum(diag(A))
f <- function(rho) tr(L %*% M %*% corr(rho) %*% M) / tr(M %*% corr(rho)) - r1
rho <- uniroot(f, c(-.9, .98), tol = 1e-14)$root
phi <- max(1, sum(r^2) / tr(M %*% corr(rho)))
qq <- D %*% vcov(m)[, 7]
put("ar1_sandwich", rho = rho, phi = phi, se = sqrt(phi * as.numeric(t(qq) %*% corr(rho) %*% qq)),
    df = max(n * (1 - rho) / (1 + rho) - 3, 3))

box <- Box.test(residuals(m, "pearson"), lag = 12, type = "Ljung-Box")
bg <- bgtest(rate ~ 0 + X, order = 12, fill = 0)
put("tests", ljung_box = unname(box$statistic), ljung_box_p = box$p.value,
    breusch_godfrey = unname(bg$statistic), breusch_godfrey_p = bg$p.value)
put("versions", R = R.version.string, nlme = as.character(packageVersion("nlme")),
    MASS = as.character(packageVersion("MASS")), sandwich = as.character(packageVersion("sandwich")),
    lmtest = as.character(packageVersion("lmtest")))

value <- function(v) {
  words <- if (is.character(v)) paste0("\"", v, "\"") else formatC(v, digits = 12, format = "g")
  if (length(v) == 1) words else paste0("[", paste(words, collapse = ", "), "]")
}
lines <- sapply(names(out), function(name) paste0(" \"", name, "\": {",
  paste(sapply(names(out[[name]]), function(k) paste0("\"", k, "\": ", value(out[[name]][[k]]))), collapse = ", "), "}"))
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), "tests/reference/its.json")
