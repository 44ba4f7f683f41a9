/** What other features may know of metrics. */
export { type Group, fewestToCompare } from './deviation';
export { figureText } from './figureText';
export { aggregates, type MetricQuestion, type NamedFigure } from './metricQuestion';
export type { AskOptions, ComparedAnswer, MetricAccess } from './metricReadings';
export type { Figure, Gap } from './rates';
export type { FollowedState, FollowOptions, MetricFollower } from './metricFollower';
export type { MetricTarget } from './readSource';
export { metricEntries, type MetricEntry } from './section/metricEntry';
export { parseSeriesSelector } from './seriesSelector';
export { type SeriesStore, type StoredPoint, type StoredSeries } from './seriesStore';
export { seriesText } from './seriesText';
