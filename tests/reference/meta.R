# Reference values of tests/numeric/test_meta*.py, made with R 4.2.2 and metafor 3.8-1, metadat 1.2-0,
# clubSandwich 0.5.8. Run from the project folder:
#   Rscript tests/reference/meta.R
# Writes tests/reference/meta.json: the inputs of every case and what R makes of them.
suppressMessages({library(metafor); library(metadat); library(clubSandwich); library(jsonlite)})
tight <- list(threshold = 1e-12, maxiter = 100000, tol = 1e-14, tau2.max = 1e5)
slow <- modifyList(tight, list(stepadj = .5))
estimators <- c("REML", "ML", "PM", "EB", "DL", "HE", "SJ", "HS")
tests <- c("z", "t", "knha", "adhoc")
num <- function(x) { x <- as.numeric(x); x[!is.finite(x)] <- NA; x }

values <- function(r) list(beta = num(coef(r)), se = num(r$se), pval = num(r$pval), lb = num(r$ci.lb),
  ub = num(r$ci.ub), tau2 = r$tau2, se_tau2 = num(r$se.tau2), QE = r$QE, QEp = r$QEp, I2 = r$I2, H2 = r$H2,
  QM = num(r$QM), QMp = num(r$QMp), R2 = num(r$R2), s2 = num(r$s2w))
interval <- function(p) num(c(p$pi.lb[1], p$pi.ub[1]))

one <- function(y, v, x = NULL, which = estimators, deep = TRUE) {
  run <- function(method, test, y., v., x.) {
    with <- function(how) suppressWarnings(
      if (is.null(x.)) rma.uni(y., v., method = method, test = test, control = how)
      else rma.uni(y., v., mods = x.[, -1, drop = FALSE], method = method, test = test, control = how))
    tryCatch(with(tight), error = function(e) with(slow))
  }
  out <- list(y = y, v = v)
  if (!is.null(x)) out$x <- x
  fits <- list()
  for (m in which) for (t in tests) {
    r <- run(m, t, y, v, x)
    row <- values(r)
    if (is.null(x)) {
      row$pi <- interval(predict(r))
      row$riley <- interval(predict(r, pi.type = "riley"))
    }
    fits[[paste(m, t, sep = "/")]] <- row
  }
  for (t in tests) fits[[paste("common", t, sep = "/")]] <- values(run("FE", t, y, v, x))
  out$fits <- fits
  ci <- confint(run("PM", "z", y, v, x), control = list(tol = 1e-13, maxiter = 10000))$random
  out$spread <- num(c(ci["tau^2", 2:3], ci["I^2(%)", 2:3], ci["H^2", 2:3]))
  if (deep) {
    for (t in c("z", "knha")) {
      r <- run("REML", t, y, v, x)
      i <- influence(r)
      names <- c("rstudent", "dffits", "cook.d", "cov.r", "tau2.del", "QE.del", "hat")
      kept <- if (is.null(x)) 1 else seq_len(ncol(x))
      out$influence[[t]] <- c(lapply(setNames(names, names), function(n) num(i$inf[[n]])),
                              list(dfbs = lapply(kept, function(j) num(i$dfbs[[j]]))))
    }
    if (is.null(x)) {
      r <- run("REML", "adhoc", y, v, x)
      l <- leave1out(r)
      out$leave <- list(estimate = num(l$estimate), se = num(l$se), lb = num(l$ci.lb), ub = num(l$ci.ub),
                        tau2 = num(l$tau2), I2 = num(l$I2), Q = num(l$Q))
      if (diff(range(v)) == 0) return(out)
      e <- regtest(run("REML", "z", y, v, x), model = "lm", predictor = "sei")
      out$egger <- list(z = e$zval, p = e$pval, df = e$dfs, est = num(e$est), lb = num(e$ci.lb), ub = num(e$ci.ub))
      tf <- trimfill(run("REML", "z", y, v, x), control = tight)
      out$filled <- list(k0 = tf$k0, side = tf$side, estimate = num(coef(tf)), se = num(tf$se), tau2 = tf$tau2)
    }
  }
  out
}

out <- list(versions = c(R = as.character(getRversion()), sapply(c("metafor", "metadat", "clubSandwich"), function(p) as.character(packageVersion(p)))))
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
alloc <- model.matrix(~ alloc + ablat, data = dat.bcg)
li <- dat.li2007; nn <- dat.normand1999
norm <- escalc(measure = "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = nn)
hine <- escalc(measure = "RD", n1i = n1i, n2i = n2i, ai = ai, ci = ci, data = dat.hine1989)
molloy <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014)
collins <- escalc(measure = "OR", ai = pre.xti, n1i = pre.nti, ci = pre.xci, n2i = pre.nci, data = dat.collins1985b)
n <- function(e) list(as.numeric(e$yi), as.numeric(e$vi))
out$bcg <- one(n(bcg)[[1]], n(bcg)[[2]])
out$bcg_latitude <- one(n(bcg)[[1]], n(bcg)[[2]], unname(cbind(1, dat.bcg$ablat)))
out$bcg_mixed <- one(n(bcg)[[1]], n(bcg)[[2]], unname(alloc))
out$bcg_mixed$x <- unname(matrix(as.numeric(alloc), nrow(alloc)))
out$normand <- one(n(norm)[[1]], n(norm)[[2]])
out$hine <- one(n(hine)[[1]], n(hine)[[2]])
out$molloy <- one(n(molloy)[[1]], n(molloy)[[2]])
out$collins <- one(n(collins)[[1]], n(collins)[[2]])
out$equal <- one(c(-.4, -.1, -.7, .2, -.35, -.5, .05), rep(.04, 7))
out$two <- one(c(-.3, -.9), c(.05, .11), deep = FALSE)
out$three <- one(c(-.5, -.1, -.8), c(.02, .06, .09), deep = FALSE)
out$alike <- one(c(-.30, -.31, -.29, -.305, -.3), c(.02, .05, .04, .08, .03))
out$far <- one(c(-3, 2.5, .1, -1.7, 4.2, -.6), c(.01, .02, .015, .3, .05, .2))
out$uneven <- one(c(-.2, .4, -1.1, .3, -.6, .9, -.1, .05), c(1e-4, .5, 2, .03, .9, .4, .001, .07))

# Two-by-two tables: as they are, and with noughts.
tables <- function(d) {
  o <- list(a = d$a, b = d$b, c = d$c, d = d$d)
  for (m in c("RR", "OR", "RD", "PETO")) {
    e <- escalc(measure = m, ai = a, bi = b, ci = c, di = d, data = d)
    o[[m]] <- list(y = as.numeric(e$yi), v = as.numeric(e$vi))
  }
  pooled <- function(r) num(c(r$beta, r$se, r$ci.lb, r$ci.ub, r$pval))
  for (m in c("RR", "OR", "RD")) o$mh[[m]] <- pooled(rma.mh(ai = a, bi = b, ci = c, di = d, data = d, measure = m, correct = FALSE))
  o$mh$PETO <- pooled(rma.peto(ai = a, bi = b, ci = c, di = d, data = d))
  e <- escalc(measure = "IRR", x1i = a, t1i = b + 7, x2i = c, t2i = d + 7, data = d)
  o$IRR <- list(y = as.numeric(e$yi), v = as.numeric(e$vi))
  o$mh$IRR <- pooled(rma.mh(x1i = a, t1i = b + 7, x2i = c, t2i = d + 7, data = d, measure = "IRR", correct = FALSE))
  o
}
out$tables <- list(bcg = tables(data.frame(a = dat.bcg$tpos, b = dat.bcg$tneg, c = dat.bcg$cpos, d = dat.bcg$cneg)),
  noughts = tables(data.frame(a = c(0, 3, 5, 0, 12), b = c(20, 17, 40, 33, 0), c = c(4, 6, 5, 2, 9), d = c(16, 15, 41, 30, 7))))

# Robust errors: of a meta-regression, with clusters of several effects, and of three levels.
set.seed(20261125)
study <- rep(1:12, times = c(1, 3, 2, 5, 1, 4, 2, 2, 6, 1, 3, 2)); m <- length(study)
v3 <- round(runif(m, .01, .15), 4); x3 <- round(rnorm(m), 3)
y3 <- round(-.3 + .1 * x3 + rnorm(12, 0, .3)[study] + rnorm(m, 0, .15) + rnorm(m, 0, sqrt(v3)), 4)
effect <- seq_len(m)
robust_of <- function(r, cl) {
  o <- list()
  for (t in c("CR0", "CR1", "CR1p", "CR2")) {
    how <- if (t == "CR2") "Satterthwaite" else if (t == "CR1p") "naive-tp" else "naive-t"
    c <- coef_test(r, vcov = t, cluster = cl, test = how); k <- conf_int(r, vcov = t, cluster = cl, test = how)
    o[[t]] <- list(se = num(c$SE), df = num(if (is.null(c$df_t)) c$df else c$df_t), p = num(if (is.null(c$p_t)) c$p_Satt else c$p_t), lb = num(k$CI_L), ub = num(k$CI_U))
  }
  b <- eval(bquote(robust(r, cluster = .(cl))))
  o$metafor <- list(se = num(b$se), lb = num(b$ci.lb), ub = num(b$ci.ub), p = num(b$pval))
  o
}
flat <- rma.uni(y3, v3, mods = ~ x3, control = tight)
three <- list(y = y3, v = v3, x = x3, study = study, flat = list(tau2 = flat$tau2, robust = robust_of(flat, study)))
own <- rma.uni(bcg$yi, bcg$vi, mods = ~ dat.bcg$ablat, control = tight)
three$bcg <- list(robust = robust_of(own, 1:13))
deep <- list(optimizer = "Nelder-Mead", reltol = 1e-15, maxit = 20000)
levels_of <- function(y, v, study, effect, mods = NULL) {
  o <- list()
  for (t in c("z", "t")) {
    best <- NULL
    for (start in list(c(.01, .01), c(.1, .02), c(.02, .1))) {
      f <- if (is.null(mods)) rma.mv(y, v, random = ~ 1 | study/effect, test = t, control = c(deep, list(sigma2.init = start)))
           else rma.mv(y, v, mods = ~ mods, random = ~ 1 | study/effect, test = t, control = c(deep, list(sigma2.init = start)))
      if (is.null(best) || logLik(f) > logLik(best)) best <- f
    }
    o[[t]] <- list(beta = num(coef(best)), se = num(best$se), lb = num(best$ci.lb), ub = num(best$ci.ub), p = num(best$pval),
      sigma2 = num(best$sigma2), likelihood = as.numeric(logLik(best)), QE = best$QE)
    kept <- best
  }
  o$robust <- robust_of(kept, study)
  # The profile by hand: confint() does not find every end. Twice the fall is 3.84 at the ends.
  o$profile <- lapply(1:2, function(i) {
    fall <- function(s) {
      held <- c(NA, NA); held[i] <- s
      f <- if (is.null(mods)) rma.mv(y, v, random = ~ 1 | study/effect, sigma2 = held)
           else rma.mv(y, v, mods = ~ mods, random = ~ 1 | study/effect, sigma2 = held)
      2 * as.numeric(logLik(kept) - logLik(f)) - qchisq(.95, 1)
    }
    center <- kept$sigma2[i]
    c(if (fall(0) <= 0) 0 else uniroot(fall, c(0, center), tol = 1e-12)$root, uniroot(fall, c(center, 3), tol = 1e-12)$root)
  })
  o
}
three$levels <- levels_of(y3, v3, study, effect)
three$levels_x <- levels_of(y3, v3, study, effect, x3)
k <- dat.konstantopoulos2011
out$konstantopoulos <- c(list(y = as.numeric(k$yi), v = as.numeric(k$vi), study = k$district), levels_of(as.numeric(k$yi), as.numeric(k$vi), k$district, k$study))
out$three_levels <- three
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", matrix = "rowmajor"), "tests/reference/meta.json")
