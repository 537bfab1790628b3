# Reference values of tests/individual/test_not_yet_called.py, made with R and sandwich.
# Run from the project folder:  Rscript tests/reference/calls.R
# Writes tests/reference/calls.csv (made up, seeded) and tests/reference/calls.json.
suppressMessages({library(sandwich); library(jsonlite)})
set.seed(3)
n <- 90; dates <- c(800, 950, 1100, 1250)
called <- sample(c(dates, NA), n, TRUE)
start <- sample(c(300, 600, 900), n, TRUE); start <- ifelse(!is.na(called), pmin(start, called), start)
end <- sample(c(1300, 1600), n, TRUE); age <- round(rnorm(n, 24, 4), 1)
events <- lapply(1:n, function(i) { t <- sort(round(runif(rpois(1, 4 * exp(-.03 * (age[i] - 24)) + .5), 1, end[i])))
  t[!(!is.na(called[i]) & t > called[i] & runif(length(t)) < .4)] })
write.csv(data.frame(called, start, end, age, events = sapply(events, paste, collapse = " ")), "tests/reference/calls.csv", row.names = FALSE, quote = FALSE)
long <- NULL
for (day in dates) for (i in 1:n) {
  if (start[i] > day || end[i] <= day || (!is.na(called[i]) && called[i] < day)) next
  tr <- !is.na(called[i]) && called[i] == day
  stop <- min(end[i], day + 365); if (!tr && !is.na(called[i])) stop <- min(stop, called[i])
  e <- events[[i]]; after <- e[e > day & e <= stop]
  long <- rbind(long, data.frame(i, day, tr, risk = stop - day, y = length(after), age = age[i],
    past = sum(e > day - 365 & e <= day), first = as.numeric(length(after) > 0), frisk = if (length(after)) after[1] - day else stop - day)) }
f <- glm(y ~ tr + factor(day) + log1p(past) + age, poisson, long, offset = log(risk), control = glm.control(epsilon = 1e-15, maxit = 100))
g <- glm(first ~ tr + factor(day), poisson, long, offset = log(frisk), control = glm.control(epsilon = 1e-15, maxit = 100))
one <- function(f) list(beta = unname(coef(f)["trTRUE"]), se = unname(sqrt(vcovCL(f, ~ i, type = "HC1")["trTRUE", "trTRUE"])))
write_json(list(rows = nrow(long), treated_events = sum(long$y[long$tr]), all = one(f), first = one(g)),
  "tests/reference/calls.json", digits = 12, auto_unbox = TRUE)
