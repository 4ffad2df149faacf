export { type CastMarker, castMarkers, type MarkerKind } from './cast-markers.ts'
export { castView } from './cast-view.ts'
export { plainText } from './plain-text.ts'
