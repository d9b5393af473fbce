//! Fixed increasing curves through 0: the same raw value gives the same score in every panel.

/// `raw / (raw + k)`: 0 for nothing, one half at `k`, towards 1 beyond. A negative or NaN `raw` is nothing.
#[inline]
pub fn calibrate(raw: f64, k: f64) -> f64 {
    if raw > 0.0 { raw / (raw + k) } else { 0.0 }
}

/// How much a signal knows of a pair apart from the pair itself: `n / (n + k)` of either article, multiplied; 0 to 1.
#[inline]
pub fn evidence(host: f64, candidate: f64, k: f64) -> f64 {
    calibrate(host, k) * calibrate(candidate, k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_rises_from_zero_and_stays_below_one() {
        assert_eq!(calibrate(0.0, 0.25), 0.0);
        assert_eq!(calibrate(0.25, 0.25), 0.5);
        assert_eq!(calibrate(f64::NAN, 0.25), 0.0);
        let values: Vec<f64> = (0..=1000)
            .map(|step| calibrate(f64::from(step) / 1000.0, 0.25))
            .collect();
        assert!(values.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(values.iter().all(|value| (0.0..1.0).contains(value)));
    }
}
